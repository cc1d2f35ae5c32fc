# A Debian with systemd, sshd and sudo in ROOT, without the identity of any machine.
# Takes ROOT, SUITE, MIRROR, PACKAGES (comma-separated), LOGIN and LOGIN_ID.

debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$ROOT" "$MIRROR"
rm -rf "$ROOT"/var/cache/apt/archives/*.deb "$ROOT"/var/lib/apt/lists/* "$ROOT"/etc/ssh/ssh_host_*

chroot "$ROOT" useradd --create-home --uid "$LOGIN_ID" --shell /bin/bash --groups sudo,adm "$LOGIN"
chroot "$ROOT" chsh -s /bin/bash root
echo LANG=C.UTF-8 >"$ROOT/etc/default/locale"
: >"$ROOT/etc/resolv.conf"
: >"$ROOT/etc/machine-id"
mkdir -p "$ROOT/srv/upstream" "$ROOT/var/lib/paperspace" "$ROOT/usr/local/lib/guest"

# A startup script's first word to the world is its log, as cloud-init's.
cat >"$ROOT/etc/systemd/system/startup-script.service" <<'END'
[Unit]
Description=The startup script that Paperspace gave
ConditionPathExists=/var/lib/paperspace/startup-script
After=network.target ssh.service

[Service]
Type=oneshot
ExecStart=/var/lib/paperspace/startup-script
ExecStopPost=/bin/rm -f /var/lib/paperspace/startup-script
StandardOutput=append:/var/log/startup-script.log
StandardError=append:/var/log/startup-script.log

[Install]
WantedBy=multi-user.target
END
chroot "$ROOT" systemctl enable startup-script.service
