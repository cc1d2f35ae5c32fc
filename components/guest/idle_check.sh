# Exits 0 when the idle stop is as declared. Read-only. Follows idle_common.sh.

drifted() {
  printf 'drift=%s\n' "$1"
  exit 1
}

enabled=$root/etc/systemd/system/timers.target.wants/fastai-idle-stop.timer
if is_off; then
  [ ! -L "$enabled" ] || drifted "the idle stop is on"
  exit 0
fi
python=$(installed_python)
[ "$(program_digest)" = "$PROGRAM_DIGEST" ] || drifted "the idle stop's program was changed"
cmp -s "$unit.service" <(service_text) || drifted "fastai-idle-stop.service was changed"
cmp -s "$unit.timer" <(timer_text) || drifted "fastai-idle-stop.timer was changed"
cmp -s "$command" <(command_text) || drifted "the command idle-stop was changed"
[ -L "$enabled" ] || drifted "the idle stop does not start with the machine"
[ "$(systemctl is-active fastai-idle-stop.timer 2>/dev/null)" = active ] || drifted "the idle stop does not run"
