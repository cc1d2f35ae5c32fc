# fastai-rollback: goes back to what fastai and its environment were before the last update; again, and it goes forward.
# Follows fastai_common.sh, fastai_environment.sh and fastai_repository.sh; the record says what the configuration was.

set -euo pipefail

fail() {
  printf 'fastai-rollback: %s\n' "$*" >&2
  exit 1
}

wait_for_no_step() { # an update under way holds this lock, and one that comes waits for it
  mkdir -p "$HOME/.local/state/fastai/steps/fastai"
  exec 9>>"$HOME/.local/state/fastai/steps/fastai/worker.lock"
  flock -n 9 || fail "an update is under way; wait until it is done"
}

go_back() {
  local left
  read_record "$environment"
  left=$recorded_revision REVISION=$recorded_asked UPDATE_EVERY_DAYS=$recorded_every
  read_record "$environment.previous"
  [ -n "$recorded_revision" ] || fail "$environment.previous does not say which revision it belongs to"
  WANTED=$recorded_revision
  (REVISION=$WANTED && update_repository)
  write_record "$environment.previous" "revision=$WANTED" "environment=$recorded_environment" "updated=$now" \
    "asked=$recorded_asked" "every=$recorded_every" "rolled_back_from=$left"
  exchange_environments
  echo "fastai is back at ${WANTED:0:7} with the environment of then; fastai-rollback again goes to ${left:0:7}"
  echo "Kernels that run keep what they have loaded until they are restarted."
}

tell_what_comes() {
  local pin="to stay here: pulumi config set fastai_revision ${WANTED:0:12}"
  if ! is_followed; then
    echo "The next \`pulumi up\` goes to $REVISION again; $pin"
  elif [ "$UPDATE_EVERY_DAYS" = 0 ]; then
    echo "The next \`pulumi up\` goes to the newest revision again; $pin"
  else
    echo "In $UPDATE_EVERY_DAYS days \`pulumi up\` goes to the newest revision again; $pin"
  fi
}

wait_for_no_step
finish_what_was_cut_off
[ -d "$environment.previous" ] || fail "there is nothing to go back to: the stack has made no update"
refuse_unfinished_merge
go_back
tell_what_comes
smoke_test "$repository" || fail "what is in use again does not work either: $reason"
