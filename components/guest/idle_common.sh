# What the idle-stop step's check and its body agree on. Takes IDLE_MINUTES,
# NEVER_CONNECTED_MINUTES, MAX_UPTIME_HOURS (0 is no such limit), PORT and PROGRAM_DIGEST.

root=${GUEST_ROOT:-}
library=$root/usr/local/lib/fastai
unit=$root/etc/systemd/system/fastai-idle-stop
command=$root/usr/local/bin/idle-stop
GRACE_SECONDS=600
TICK_SECONDS=60
modules=(idle_decision idle_files idle_sensors idle_stop)

is_off() { [ "$IDLE_MINUTES$MAX_UPTIME_HOURS" = 00 ]; }

program_digest() {
  local name
  for name in "${modules[@]}"; do cat "$library/components/guest/$name.py"; done 2>/dev/null | sha256sum | cut -c 1-12
}

# The first Python that is new enough; empty where there is none.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 "$HOME/anaconda3/bin/python" "$HOME/anaconda3/envs/fastai/bin/python"; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 6, 1))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

# The one that the installed service uses, if it is still there: no start of a Python only to look.
installed_python() {
  local line
  while IFS= read -r line; do
    if [[ $line == ExecStart=* ]]; then
      line=${line#ExecStart=}
      [ ! -x "${line%% *}" ] || echo "${line%% *}"
      return
    fi
  done 2>/dev/null <"$unit.service"
}

service_text() {
  cat <<END
[Unit]
Description=Power the machine off when nobody uses it

[Service]
Type=oneshot
WorkingDirectory=/
Environment=PYTHONPATH=$library GUEST_ROOT=$root
ExecStart=$python -m components.guest.idle_stop --max-uptime $((MAX_UPTIME_HOURS * 3600)) tick --idle $((IDLE_MINUTES * 60)) --never-connected $((NEVER_CONNECTED_MINUTES * 60)) --grace $GRACE_SECONDS --tick $TICK_SECONDS --port $PORT
END
}

timer_text() {
  cat <<END
[Unit]
Description=Look every minute whether the machine is used

[Timer]
OnBootSec=$TICK_SECONDS
OnUnitActiveSec=$TICK_SECONDS
AccuracySec=5s
Unit=fastai-idle-stop.service

[Install]
WantedBy=timers.target
END
}

command_text() {
  cat <<END
#!/bin/sh
# idle-stop extend 2h: the machine does not power itself off before then. idle-stop status, idle-stop ledger: why.
exec sudo env PYTHONPATH=$library GUEST_ROOT=$root $python -m components.guest.idle_stop --max-uptime $((MAX_UPTIME_HOURS * 3600)) "\$@"
END
}
