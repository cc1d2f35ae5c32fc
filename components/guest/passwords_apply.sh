# Sets the passwords on standard input (lines for chpasswd) and turns password login on or off.
# Follows passwords_common.sh.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

passwords=$(cat)
if [ -n "$passwords" ]; then
  sudo chpasswd <<<"$passwords" || fail "chpasswd refused a password (see the line above)"
fi
if [ "$(login_line)" != "$PASSWORD_LOGIN" ]; then
  [ -n "$(login_line)" ] || fail "$config has no block of the stack; has the startup script run?"
  sudo sed -i "/^# BEGIN fastai\$/,/^# END fastai\$/s/^PasswordAuthentication .*/PasswordAuthentication $PASSWORD_LOGIN/" "$config"
  sudo systemctl restart ssh 2>/dev/null || sudo systemctl restart sshd
fi
echo "password login: $PASSWORD_LOGIN"
