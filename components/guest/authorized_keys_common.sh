# What the authorized-keys step's check and its body agree on. Takes OWN_KEYS (lines) and REMOVE_FOREIGN (yes or no).

export LC_ALL=C.UTF-8
file=$HOME/.ssh/authorized_keys
kind='((ssh|ecdsa|sk)-[A-Za-z0-9@.-]+)'
key="$kind[[:space:]]+(AAAA[A-Za-z0-9+/=]+)([[:space:]]+(.*))?\$"
option='([^"[:space:]]|"([^"\\]|\\.)*")+'

# The key of a line in `blob` and its comment in `comment`; fails on a line without one. Options may hold what looks
# like a key, and so may comments (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
read_key() {
  if [[ $1 =~ ^[[:space:]]*$key ]]; then
    blob=${BASH_REMATCH[3]} comment=${BASH_REMATCH[5]}
  elif [[ $1 =~ ^[[:space:]]*$option[[:space:]]+$key ]]; then
    blob=${BASH_REMATCH[5]} comment=${BASH_REMATCH[7]}
  else
    return 1
  fi
}

declare -A own
while IFS= read -r line; do
  if read_key "$line"; then own[$blob]=$line; fi
done <<<"$OWN_KEYS"

is_own() { [ -n "${own[$blob]:-}" ]; }
