# Exits 0 when the stack's keys are let in, and no others where these are to be removed. Read-only; starts no process
# where all keys are the stack's. Facts: foreign_1, foreign_2…: fingerprint and comment of a key that is not the stack's.
# Follows authorized_keys_common.sh.

MOST_TOLD=20

# As `ssh-keygen -l` prints it.
fingerprint() {
  local hex bytes='' at
  read -r hex _ < <(base64 -d <<<"$1" 2>/dev/null | sha256sum)
  for ((at = 0; at < 64; at += 2)); do bytes+="\\x${hex:at:2}"; done
  hex=$(printf "$bytes" | base64)
  printf 'SHA256:%s' "${hex%%=*}"
}

declare -A seen
foreign=0
if [ -e "$file" ]; then
  while IFS= read -r line || [ -n "$line" ]; do
    if ! read_key "$line"; then continue; fi
    if is_own; then
      seen[$blob]=yes
      continue
    fi
    foreign=$((foreign + 1))
    comment=${comment//[^[:print:]]/}
    if [ "$foreign" -le "$MOST_TOLD" ]; then
      printf 'foreign_%d=%s %s\n' "$foreign" "$(fingerprint "$blob")" "${comment:0:60}"
    fi
  done <"$file"
fi
if [ "${#seen[@]}" != "${#own[@]}" ]; then
  echo "drift=a key of the stack is not let in"
  exit 1
fi
if [ "$REMOVE_FOREIGN" = yes ] && [ "$foreign" != 0 ]; then
  echo "drift=$foreign more let in"
  exit 1
fi
