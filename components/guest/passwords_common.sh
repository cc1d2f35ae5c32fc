# What the passwords step's check and its body agree on. Takes PASSWORD_LOGIN (yes or no) and PASSWORDS_DIGEST.

root=${GUEST_ROOT:-}
config=$root/etc/ssh/sshd_config

# The block that the startup script put first in the file.
login_line() { sed -n '/^# BEGIN fastai$/,/^# END fastai$/s/^PasswordAuthentication //p' "$config" 2>/dev/null | head -n 1; }
