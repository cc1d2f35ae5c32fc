unit() {
  { printf '[Unit]\nDescription=A test\n[Service]\n'; cat; printf '[Install]\nWantedBy=multi-user.target\n'; } |
    sudo tee "/etc/systemd/system/$1.service" >/dev/null
  sudo systemctl daemon-reload
}
printf 'Type=oneshot\nExecStart=/bin/touch /var/tmp/ticked\n' | unit e
printf '[Timer]\nOnActiveSec=100ms\nAccuracySec=10ms\n[Install]\nWantedBy=timers.target\n' |
  sudo tee /etc/systemd/system/e.timer >/dev/null
sudo systemctl daemon-reload
sudo systemctl enable e.timer 2>/dev/null
sudo systemctl start e.timer
systemctl is-enabled e.timer
for _ in $(seq 100); do
  if [ -e /var/tmp/ticked ]; then echo ticked; break; fi
  sleep 0.1
done
[ -L /etc/systemd/system/timers.target.wants/e.timer ] && echo linked
sudo systemctl disable --now e.timer 2>/dev/null; echo $?
systemctl is-active e.timer; echo $?
