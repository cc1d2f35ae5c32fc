# Configures Jupyter and makes it a service. The token comes on standard input. Follows jupyter_common.sh.

ANSWER_SECONDS=${ANSWER_SECONDS:-60}

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# What a student wrote there is kept beside it.
install_config() { # path, text on stdin
  local path=$1
  cat >"$path.new"
  if [ -e "$path" ] && ! cmp -s "$path" "$path.new"; then
    mv -f "$path" "$path.before-$(date -u +%Y%m%dT%H%M%SZ)"
  fi
  mv -f "$path.new" "$path"
}

install_token() {
  cat >"$token_file.new"
  [ "$(digest <"$token_file.new")" = "$TOKEN_DIGEST" ] || fail "the token did not arrive whole"
  chmod 600 "$token_file.new"
  mv -f "$token_file.new" "$token_file"
}

install_unit() {
  unit_text | sudo tee "$unit" >/dev/null
  sudo chmod 644 "$unit"
  sudo systemctl daemon-reload
  sudo systemctl enable "$service"
  sudo systemctl restart "$service"
}

wait_for_answer() {
  local status deadline=$((SECONDS + ANSWER_SECONDS))
  until status=$(answer_on_port 2>/dev/null) && [ "$status" = 200 ]; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      service_log
      fail "jupyter did not answer on port $PORT within $ANSWER_SECONDS s (last answer: ${status:-none})"
    fi
    sleep 0.2
  done
}

service_log() {
  sudo journalctl -u "$service" -n 20 --no-pager -o cat 2>/dev/null || systemctl status "$service" --no-pager 2>&1 || true
}

[ -x "$environment/bin/jupyter" ] || fail "there is no jupyter in $environment; is it in fastai's environment.yml?"
mkdir -p "$HOME/.jupyter"
chmod 700 "$HOME/.jupyter"
install_token
for file in "${config_files[@]}"; do config_text | install_config "$file"; done
install_unit
wait_for_answer
echo "jupyter answers on localhost:$PORT"
