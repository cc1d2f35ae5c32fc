# Asks each step of a machine for its marker and its check, all at once, changing nothing.
# Read by `bash -s`; lines after this text call `ask NAME CHECK` (the check in base64) and at last `answer`.
# Answers a line a step: NAME RUNNING OK MARKER STATUS OUTPUT, the marker and the output in base64 ("-" if empty).

CHECK_SECONDS=${CHECK_SECONDS:-20}
OUTPUT_CHARACTERS=8000
steps=${STEPS_FOLDER:-$HOME/.local/state/fastai/steps}
answers=$(mktemp -d)
trap 'rm -rf "$answers"' EXIT

ask() {
  report "$1" "$2" >"$answers/$1" 2>/dev/null </dev/null &
}

report() {
  local folder=$steps/$1 output status=0 running=no ok=no
  output=$(base64 -d <<<"$2" | timeout "$CHECK_SECONDS" bash 2>&1) || status=$?
  if [ -e "$folder/worker.lock" ] && ! flock -n "$folder/worker.lock" true; then running=yes; fi
  if [ -e "$folder/ok" ]; then ok=yes; fi
  printf '%s %s %s %s %s %s\n' "$1" "$running" "$ok" \
    "$(encoded "$(cat "$folder/marker" 2>/dev/null)")" "$status" "$(encoded "${output:0:OUTPUT_CHARACTERS}")"
}

encoded() {
  if [ -n "$1" ]; then printf '%s' "$1" | base64 -w 0; else printf -- -; fi
}

answer() {
  wait
  cat "$answers"/* 2>/dev/null
}
