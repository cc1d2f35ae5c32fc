unit() {
  { printf '[Unit]\nDescription=A test\n[Service]\n'; cat; printf '[Install]\nWantedBy=multi-user.target\n'; } |
    sudo tee "/etc/systemd/system/$1.service" >/dev/null
  sudo systemctl daemon-reload
}
printf 'ExecStart=/bin/sleep 600\nRestart=always\nRestartSec=100ms\n' | unit d
sudo systemctl start d
first=$(systemctl show d -p MainPID --value)
sudo kill -9 "$first"
for _ in $(seq 100); do
  second=$(systemctl show d -p MainPID --value)
  if [ "$second" != 0 ] && [ "$second" != "$first" ]; then echo another; break; fi
  sleep 0.1
done
sudo systemctl stop d
