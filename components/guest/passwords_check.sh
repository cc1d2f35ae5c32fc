# Exits 0 when password login is on or off as declared. Read-only. Follows passwords_common.sh.
# A password that a student changed with `passwd` is the student's own matter, and no drift.

[ "$(login_line)" = "$PASSWORD_LOGIN" ] || {
  echo "drift=password login is $(login_line)"
  exit 1
}
