[ "$(hostname)" = "$(cat /etc/hostname)" ] && echo same
