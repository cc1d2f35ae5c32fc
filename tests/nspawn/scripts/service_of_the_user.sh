unit() {
  { printf '[Unit]\nDescription=A test\n[Service]\n'; cat; printf '[Install]\nWantedBy=multi-user.target\n'; } |
    sudo tee "/etc/systemd/system/$1.service" >/dev/null
  sudo systemctl daemon-reload
}
unit b <<'END'
Type=oneshot
User=paperspace
WorkingDirectory=/home/paperspace/fastai
Environment=HOME=/home/paperspace
Environment=ONE=1 "TWO=2 2"
ExecStart=/bin/sh -c 'echo told: $(id -un) $(id -u) $(pwd) $$HOME $$ONE $$TWO'
END
sudo systemctl start b; echo $?
sudo journalctl -u b -n 20 --no-pager -o cat | grep told
