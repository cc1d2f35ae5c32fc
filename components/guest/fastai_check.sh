# Prints facts about ~/fastai and exits 0 when it is at the wanted revision with its environment made. Touches no file.
# Follows fastai_common.sh. Takes ROLLBACK_DIGEST.

say() { printf '%s=%s\n' "$1" "$2"; }

drifted() {
  say drift "$1"
  exit 1
}

# A machine of a plain template: what would be cloned.
if ! head=$(git_here rev-parse -q --verify HEAD 2>/dev/null); then
  say wanted "$(timeout 8 git ls-remote "$origin" "${REVISION:-HEAD}" "refs/tags/$REVISION^{}" 2>/dev/null | tail -n 1 | cut -f 1)"
  drifted "fastai is not installed"
fi
say head "$head"
read_record "$environment"

# The commit to be at, in `wanted`. A commit names itself; a branch or tag is asked of upstream, unless a branch was
# asked not long ago or the tag is there; where upstream does not answer the last answer stands.
resolve() {
  due=''
  if [[ $REVISION =~ ^[0-9a-f]{7,40}$ ]]; then
    wanted=$(git_here rev-parse -q --verify "$REVISION^{commit}") || wanted=$REVISION
  elif [ "$recorded_asked" = "$REVISION" ] && [ -n "$recorded_revision" ] && is_settled; then
    wanted=$recorded_revision
  else
    ask_upstream
  fi
}

is_settled() {
  [ "$UPDATE_EVERY_DAYS" != 0 ] || return 1
  if is_followed; then ! is_due; else say pinned yes; fi
}

ask_upstream() {
  local listing name=${REVISION:-$(upstream_branch)}
  if listing=$(timeout 6 git -C "$repository" ls-remote "$(upstream_remote)" "refs/heads/$name" "refs/tags/$name" "refs/tags/$name^{}" 2>/dev/null); then
    listing=${listing##*$'\n'} # an annotated tag's own commit comes last
    wanted=${listing%%$'\t'*}
  else
    say upstream unreachable
    if [ -n "$due" ]; then say overdue "$due"; fi
    wanted=$recorded_revision due=''
  fi
}

resolve
say wanted "$wanted"
if [ -n "$due" ]; then say due "$due"; fi
if [ -n "$rolled_back_from" ]; then say rolled_back_from "$rolled_back_from"; fi
[ -n "$wanted" ] || drifted "upstream has no revision ${REVISION:-of its main branch}"
if [ "$head" != "$wanted" ]; then
  if ! git_here cat-file -e "$wanted^{commit}" 2>/dev/null; then # objects only, to count the commits
    timeout 6 git -C "$repository" fetch --quiet --no-tags "$(upstream_remote)" "$(upstream_branch)" 2>/dev/null
  fi
  if git_here cat-file -e "$wanted^{commit}" 2>/dev/null; then
    say commits "$(git_here rev-list --count "HEAD..$wanted")"
  fi
  if [ -n "$REVISION" ] || ! git_here merge-base --is-ancestor "$wanted" HEAD 2>/dev/null; then
    drifted "fastai is at ${head:0:7}"
  fi
fi
[ "$recorded_revision" = "$wanted" ] || drifted "the environment is not the one of ${wanted:0:7}"
[ -x "$environment/bin/python" ] || drifted "the environment has no python"
[ -e "$environment/fastai.lock.yml" ] || drifted "the environment's lock is missing"
[ "$(environment_digest 2>/dev/null <"$rollback_command")" = "$ROLLBACK_DIGEST" ] || drifted "the command fastai-rollback was changed"
[ -z "$due" ]
