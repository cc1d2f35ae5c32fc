# Runs one step's body detached from the SSH session, waits for it, and re-attaches to one that is under way.
# Read by `bash -s`; the input goes on with a function `body` that prints the body, and `main NAME VERSION SECRETS`
# (in base64) as its last line.
# From the environment: STEP_TOKEN and STEP_SUMMARY. A body gets the secrets on its standard input.
# In the step's folder: marker, ok (written when the body succeeded), rc, body, log, log.previous.

HEARTBEAT_SECONDS=${HEARTBEAT_SECONDS:-20}
TAIL_LINES=30
LINE_CHARACTERS=500

main() {
  set -euo pipefail
  umask 077
  local name=$1 version=$2 secrets=$3 folder status
  folder=${STEPS_FOLDER:-$HOME/.local/state/fastai/steps}/$name
  mkdir -p "$folder"
  cd "$folder"
  exec 7>start.lock
  flock 7
  if ! is_current "$version"; then
    wait_for_worker "$name" # an older run of this step must not meet the new one
    start "$version" "$secrets"
  elif [ ! -e ok ] && ! is_running; then
    start "$version" "$secrets"
  fi
  exec 7>&-
  wait_for_worker "$name"
  status=$(cat rc 2>/dev/null || echo 137)
  if [ "$status" != 0 ]; then explain_failure "$name" "$status"; fi
  return "$status"
}

marker_text() {
  printf 'token=%s\nversion=%s\nsummary=%s\n' "$STEP_TOKEN" "$1" "$STEP_SUMMARY"
}

is_current() {
  [ -e marker ] && grep -qxF "token=$STEP_TOKEN" marker && grep -qxF "version=$1" marker
}

is_running() { # the worker holds this lock as long as it lives
  ! flock -n worker.lock true
}

start() {
  rm -f ok rc
  if [ -e log ]; then mv -f log log.previous; fi
  body >body
  exec 8>worker.lock
  flock 8
  marker_text "$1" >marker.new
  mv -f marker.new marker
  printf '%s' "$2" | setsid bash -c "$(declare -f work); work" 8>&8 7>&- >log 2>&1 &
  disown
  exec 8>&-
}

work() { # the body does not inherit the lock: a service that it starts may live on
  trap '' HUP PIPE
  local status=0
  base64 -d | bash -euo pipefail body 8>&- || status=$?
  if [ "$status" = 0 ]; then : >ok.new && mv -f ok.new ok; fi
  printf '%s' "$status" >rc.new && mv -f rc.new rc
}

wait_for_worker() {
  local started=$SECONDS
  until flock -w "$HEARTBEAT_SECONDS" worker.lock true; do
    printf '%s: running for %d s\n' "$1" "$((SECONDS - started))"
  done
}

explain_failure() {
  {
    printf '%s failed with status %s. The end of %s:\n' "$1" "$2" "$PWD/log"
    tr '\r' '\n' <log | LC_ALL=C tr -cd '\11\12\40-\176' | tail -n "$TAIL_LINES" | cut -c "1-$LINE_CHARACTERS"
  } >&2
}
