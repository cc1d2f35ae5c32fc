unit() {
  { printf '[Unit]\nDescription=A test\n[Service]\n'; cat; printf '[Install]\nWantedBy=multi-user.target\n'; } |
    sudo tee "/etc/systemd/system/$1.service" >/dev/null
  sudo systemctl daemon-reload
}
printf 'Type=oneshot\nExecStart=/bin/false\n' | unit c
sudo systemctl start c 2>/dev/null; echo $?
systemctl is-active c; echo $?
systemctl is-failed c; echo $?
systemctl status c --no-pager >/dev/null 2>&1; echo $?
