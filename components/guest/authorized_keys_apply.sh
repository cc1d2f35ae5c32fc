# Lets the stack's keys in, and removes others where the configuration says so. What goes is kept in a file of its own.
# Follows authorized_keys_common.sh.

removed=$HOME/.local/state/fastai/removed_keys

kept_lines() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    if [ "$REMOVE_FOREIGN" = yes ] && read_key "$line" && ! is_own; then
      printf '%(%Y-%m-%d)T %s\n' -1 "$line" >>"$removed"
    else
      printf '%s\n' "$line"
    fi
    if read_key "$line"; then unset "own[$blob]"; fi
  done <"$file"
  for line in "${own[@]}"; do printf '%s\n' "$line"; done
}

umask 077
mkdir -p "$HOME/.ssh"
[ -e "$file" ] || : >"$file"
kept_lines >"$file.new"
chmod 600 "$file.new"
mv -f "$file.new" "$file"
