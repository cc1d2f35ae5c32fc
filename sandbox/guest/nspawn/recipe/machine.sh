# Gives a new disk an identity of its own: $1 the overlay's options, $2 where to mount it, $3 the user whose first
# password comes on standard input.
IFS= read -r password || true
mount -t overlay overlay -o "$1" "$2"
chroot "$2" ssh-keygen -A >/dev/null
tr -d - </proc/sys/kernel/random/uuid >"$2/etc/machine-id"
printf '%s:%s\n' "$3" "$password" | chroot "$2" chpasswd
