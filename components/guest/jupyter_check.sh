# Exits 0 when Jupyter is configured, enabled, running and lets the token in. Read-only. Follows jupyter_common.sh.

drifted() {
  printf 'drift=%s\n' "$1"
  exit 1
}

for file in "${config_files[@]}"; do
  cmp -s "$file" <(config_text) || drifted "${file##*/} was changed"
done
[ "$(digest 2>/dev/null <"$token_file")" = "$TOKEN_DIGEST" ] || drifted "the token was changed"
cmp -s "$unit" <(unit_text) || drifted "$service.service was changed"
[ -L "$root/etc/systemd/system/multi-user.target.wants/$service.service" ] || drifted "jupyter does not start with the machine"

# After a boot or a restart it takes a moment before it answers; that is no drift.
deadline=$((SECONDS + 10))
until status=$(answer_on_port 2>/dev/null); do
  case $(systemctl is-active "$service" 2>/dev/null) in
    active | activating) [ "$SECONDS" -lt "$deadline" ] || drifted "jupyter does not answer on port $PORT" ;;
    *) case $(systemctl is-system-running 2>/dev/null) in
      initializing | starting) [ "$SECONDS" -lt "$deadline" ] || drifted "jupyter is not running" ;;
      *) drifted "jupyter is not running" ;;
    esac ;;
  esac
  sleep 0.2
done
[ "$status" = 200 ] || drifted "jupyter answers $status on port $PORT"
[ "$(systemctl is-active "$service" 2>/dev/null)" = active ] || drifted "jupyter runs, but not as the service"
