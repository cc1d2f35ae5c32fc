# Installs the idle stop, or takes it away. Follows idle_common.sh and `module NAME`, which prints a Python module.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

install_as_root() { # path mode, text on stdin
  sudo mkdir -p "$(dirname "$1")"
  sudo tee "$1" >/dev/null
  sudo chmod "$2" "$1"
}

if [ "$IDLE_MINUTES" = 0 ]; then
  if [ -e "$unit.timer" ]; then sudo systemctl disable --now fastai-idle-stop.timer; fi
  echo "the idle stop is off"
  exit 0
fi
[ -n "$python" ] || fail "no Python of 3.6 or later on the machine; set idle_stop_minutes to 0"
for name in "${modules[@]}"; do
  module "$name" | install_as_root "$library/components/guest/$name.py" 644
done
service_text | install_as_root "$unit.service" 644
timer_text | install_as_root "$unit.timer" 644
keep_on_text | install_as_root "$keep_on" 755
sudo systemctl daemon-reload
sudo systemctl enable fastai-idle-stop.timer
sudo systemctl restart fastai-idle-stop.timer
echo "the machine powers itself off after $IDLE_MINUTES minutes without use"
