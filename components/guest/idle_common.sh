# What the idle-stop step's check and its body agree on. Takes IDLE_MINUTES (0 is off), PORT and PROGRAM_DIGEST.

root=${GUEST_ROOT:-}
library=$root/usr/local/lib/fastai
unit=$root/etc/systemd/system/fastai-idle-stop
keep_on=$root/usr/local/bin/keep-on
GRACE_SECONDS=600
TICK_SECONDS=60
modules=(idle_decision idle_sensors idle_stop)

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
python=$([ "$IDLE_MINUTES" = 0 ] || find_python)

service_text() {
  cat <<END
[Unit]
Description=Power the machine off when nobody uses it

[Service]
Type=oneshot
WorkingDirectory=/
Environment=PYTHONPATH=$library GUEST_ROOT=$root
ExecStart=$python -m components.guest.idle_stop tick --idle $((IDLE_MINUTES * 60)) --grace $GRACE_SECONDS --tick $TICK_SECONDS --port $PORT
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

keep_on_text() {
  cat <<END
#!/bin/sh
# keep-on HOURS: the machine does not power itself off before then.
exec sudo env PYTHONPATH=$library GUEST_ROOT=$root $python -m components.guest.idle_stop extend "\$@"
END
}
