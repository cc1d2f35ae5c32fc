# Installs the idle stop, or takes it away. Follows idle_common.sh and `module NAME`, which prints a Python module.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

stage() { # path mode, text on stdin
  mkdir -p "$(dirname "$staged$1")"
  cat >"$staged$1"
  chmod "$2" "$staged$1"
}

if is_off; then
  if [ -e "$unit.timer" ]; then sudo systemctl disable --now fastai-idle-stop.timer; fi
  echo "the idle stop is off"
  exit 0
fi
python=$(find_python)
[ -n "$python" ] || fail "no Python of 3.6 or later on the machine; set idle_stop_minutes and max_uptime_hours to 0"
umask 022
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
for name in "${modules[@]}"; do
  module "$name" | stage "$library/components/guest/$name.py" 644
done
service_text | stage "$unit.service" 644
timer_text | stage "$unit.timer" 644
command_text | stage "$command" 755
sudo cp -R --remove-destination "$staged/." /
sudo systemctl daemon-reload
sudo systemctl enable fastai-idle-stop.timer
sudo systemctl restart fastai-idle-stop.timer
echo "the machine powers itself off when nobody uses it"
