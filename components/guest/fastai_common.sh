# What the fastai step's check, its body and the command fastai-rollback agree on. Takes REVISION: a commit, tag or
# branch, or "" for upstream's own branch; and UPDATE_EVERY_DAYS: how long a branch is not asked again, 0 for no time.

export LC_ALL=C.UTF-8 GIT_TERMINAL_PROMPT=0
export GIT_SSH_COMMAND='ssh -o BatchMode=yes -o ConnectTimeout=5'
repository=$HOME/fastai
origin=https://github.com/fastai/fastai.git
conda_root=$HOME/anaconda3
environment=$conda_root/envs/fastai
rollback_command=${GUEST_ROOT:-}/usr/local/bin/fastai-rollback
printf -v now '%(%s)T' -1
now=${FASTAI_NOW:-$now}

git_here() { git -C "$repository" "$@"; }

# The remote and branch that the clone follows.
upstream_remote() { git_here config "branch.$(git_here symbolic-ref -q --short HEAD).remote" || echo origin; }

upstream_branch() {
  local merge
  if merge=$(git_here config "branch.$(git_here symbolic-ref -q --short HEAD).merge"); then
    echo "${merge#refs/heads/}"
  elif merge=$(git_here symbolic-ref -q --short "refs/remotes/origin/HEAD"); then
    echo "${merge#origin/}"
  else
    echo master
  fi
}

# A branch moves on and is followed; a commit or tag is a pin.
is_followed() {
  [ -z "$REVISION" ] || git_here show-ref -q --verify "refs/remotes/$(upstream_remote)/$REVISION"
}

# The record of an update lies in the environment that it made, and goes where that goes. Its lines are
# revision=COMMIT, environment=DIGEST of environment.yml, updated=SECONDS since 1970, asked=REVISION of then,
# every=UPDATE_EVERY_DAYS of then, rolled_back_from=COMMIT where fastai-rollback made it the one in use.
read_record() { # an environment's folder
  local key value
  recorded_revision='' recorded_environment='' recorded_updated=0 recorded_asked='' recorded_every=0 rolled_back_from=''
  [ -e "$1/fastai.record" ] || return 0
  while IFS='=' read -r key value; do
    case $key in
      revision) recorded_revision=$value ;;
      environment) recorded_environment=$value ;;
      updated) recorded_updated=$value ;;
      asked) recorded_asked=$value ;;
      every) recorded_every=$value ;;
      rolled_back_from) rolled_back_from=$value ;;
    esac
  done <"$1/fastai.record"
}

# Whether the time to the next update is over, for the record that was read; then `due` says so for people.
is_due() {
  local days=$(((now - recorded_updated) / 86400)) did=updated
  due=''
  [ "$UPDATE_EVERY_DAYS" != 0 ] || return 1
  if [ "$recorded_updated" = 0 ]; then
    due="not updated by the stack yet, every $UPDATE_EVERY_DAYS days"
  elif [ "$days" -lt 0 ]; then
    due="last updated in the future by the machine's clock, every $UPDATE_EVERY_DAYS days"
  elif [ "$days" -ge "$UPDATE_EVERY_DAYS" ]; then
    [ -z "$rolled_back_from" ] || did="rolled back"
    due="last $did $days days ago, every $UPDATE_EVERY_DAYS"
  fi
  [ -n "$due" ]
}

# Everything that decides what the environment holds.
environment_digest() { sha256sum | cut -c 1-12; }
