unit() {
  { printf '[Unit]\nDescription=A test\n[Service]\n'; cat; printf '[Install]\nWantedBy=multi-user.target\n'; } |
    sudo tee "/etc/systemd/system/$1.service" >/dev/null
  sudo systemctl daemon-reload
}
unit f <<<'ExecStart=/bin/sleep 600'
sudo mkdir -p /etc/systemd/system/f.service.d
printf '[Service]\nExecStart=\nExecStart=/bin/sleep 700\n' | sudo tee /etc/systemd/system/f.service.d/more.conf >/dev/null
sudo systemctl daemon-reload
sudo systemctl start f
tr '\0' ' ' <"/proc/$(systemctl show f -p MainPID --value)/cmdline"
sudo systemctl stop f
