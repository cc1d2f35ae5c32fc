#!/usr/bin/env bash
# First boot, as root: lets the stack's keys in, gives the machine the stack's host key, settles password login.
# Takes AUTHORIZED_KEYS, HOST_PRIVATE_KEY, HOST_PUBLIC_KEY and PASSWORD_LOGIN (yes or no) from the lines put before this one.
# Paperspace runs it at every boot: idempotent, and sshd restarts only when something changed.
set -euo pipefail
umask 077
root=${GUEST_ROOT:-}

changed=no

install_file() { # path mode, text on stdin: replaced in one step, and only where it differs
  local path=$1 mode=$2
  mkdir -p "$(dirname "$path")"
  cat >"$path.new"
  if cmp -s "$path.new" "$path"; then
    rm -f "$path.new"
    return
  fi
  chmod "$mode" "$path.new"
  mv -f "$path.new" "$path"
  changed=yes
}

authorize_keys() {
  local home=$root/home/paperspace owner=paperspace:paperspace file line
  file=$home/.ssh/authorized_keys
  mkdir -p "$home/.ssh"
  [ -f "$file" ] || : >"$file"
  while IFS= read -r line; do
    [ -z "$line" ] || grep -qxF -- "$line" "$file" || { ends_with_newline "$file" || echo; echo "$line"; } >>"$file"
  done <<<"$AUTHORIZED_KEYS"
  chmod 700 "$home/.ssh"
  chmod 600 "$file"
  chown "$owner" "$home/.ssh" "$file" 2>/dev/null || true
}

ends_with_newline() {
  [ ! -s "$1" ] || [ -z "$(tail -c 1 "$1")" ]
}

install_host_key() {
  local key=$root/etc/ssh/ssh_host_ed25519_key
  install_file "$key" 600 <<<"$HOST_PRIVATE_KEY"
  install_file "$key.pub" 644 <<<"$HOST_PUBLIC_KEY"
}

# The first value of a keyword wins in sshd_config, so the block goes before everything else there.
harden_sshd() {
  local config=$root/etc/ssh/sshd_config rest
  rest=$(sed '/^# BEGIN fastai$/,/^# END fastai$/d' "$config" 2>/dev/null || true)
  install_file "$config" 644 <<END
# BEGIN fastai
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication $PASSWORD_LOGIN
ChallengeResponseAuthentication no
PubkeyAuthentication yes
# END fastai
$rest
END
}

# The course's machine has a password for sudo that nobody knows once password login is off.
allow_sudo() {
  install_file "$root/etc/sudoers.d/90-fastai" 440 <<<'paperspace ALL=(ALL) NOPASSWD:ALL'
}

restart_sshd() {
  local unit
  for unit in ssh sshd; do
    if systemctl restart "$unit" 2>/dev/null; then return; fi
  done
  service ssh restart 2>/dev/null || service sshd restart
}

authorize_keys
install_host_key
harden_sshd
allow_sudo
if [ "$changed" = yes ]; then restart_sshd; fi
