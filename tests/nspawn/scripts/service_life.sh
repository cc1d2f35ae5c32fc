unit() {
  { printf '[Unit]\nDescription=A test\n[Service]\n'; cat; printf '[Install]\nWantedBy=multi-user.target\n'; } |
    sudo tee "/etc/systemd/system/$1.service" >/dev/null
  sudo systemctl daemon-reload
}
unit a <<<'ExecStart=/bin/sleep 600'
link=/etc/systemd/system/multi-user.target.wants/a.service
sudo systemctl enable a 2>/dev/null; echo $?
sudo systemctl restart a; echo $?
systemctl is-active a; systemctl is-enabled a
[ -L $link ] && echo linked
sudo systemctl stop a
systemctl is-active a; echo $?
sudo systemctl disable a 2>/dev/null
systemctl is-enabled a; echo $?
[ -L $link ] || echo unlinked
