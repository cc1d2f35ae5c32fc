# Prints facts about ~/fastai and exits 0 when it is at the wanted revision with its environment made. Touches no file.
# Follows fastai_common.sh.

say() { printf '%s=%s\n' "$1" "$2"; }

drifted() {
  say drift "$1"
  exit 1
}

# A machine of a plain template: what would be cloned.
if ! git_here rev-parse -q --verify HEAD >/dev/null 2>&1; then
  say wanted "$(timeout 8 git ls-remote "$origin" "${REVISION:-HEAD}" "refs/tags/$REVISION^{}" 2>/dev/null | tail -n 1 | cut -f 1)"
  drifted "fastai is not installed"
fi
head=$(git_here rev-parse HEAD)
say head "$head"

# A commit names itself; a branch or tag is asked of upstream, and where that does not answer the last answer stands.
resolve() {
  local wanted listing
  if [[ $REVISION =~ ^[0-9a-f]{7,40}$ ]] && wanted=$(git_here rev-parse -q --verify "$REVISION^{commit}"); then
    echo "$wanted"
    return
  fi
  wanted=${REVISION:-$(upstream_branch)}
  if ! listing=$(timeout 6 git -C "$repository" ls-remote "$(upstream_remote)" "refs/heads/$wanted" "refs/tags/$wanted" "refs/tags/$wanted^{}" 2>/dev/null); then
    say upstream unreachable >&2
    cat "$stamps/revision" 2>/dev/null || true
    return
  fi
  # an annotated tag's own commit comes last
  tail -n 1 <<<"$listing" | cut -f 1
}

wanted=$(resolve)
if [ -z "$wanted" ]; then
  [[ $REVISION =~ ^[0-9a-f]{7,40}$ ]] && wanted=$REVISION
fi
say wanted "$wanted"
[ -n "$wanted" ] || drifted "upstream has no revision ${REVISION:-of its main branch}"
if ! git_here cat-file -e "$wanted^{commit}" 2>/dev/null; then # objects only, to count the commits
  timeout 6 git -C "$repository" fetch --quiet --no-tags "$(upstream_remote)" "$(upstream_branch)" 2>/dev/null
fi
if git_here cat-file -e "$wanted^{commit}" 2>/dev/null; then
  say commits "$(git_here rev-list --count "HEAD..$wanted")"
fi
if [ -n "$REVISION" ]; then
  [ "$head" = "$wanted" ] || drifted "fastai is at ${head:0:7}"
else
  git_here merge-base --is-ancestor "$wanted" HEAD 2>/dev/null || drifted "fastai is at ${head:0:7}"
fi
done_for=$(cat "$stamps/environment" 2>/dev/null || true)
digest=$(git_here show "$wanted:environment.yml" | environment_digest)
[ "$done_for" = "$digest" ] || drifted "the environment is not the one of environment.yml"
[ -x "$environment/bin/python" ] || drifted "the environment has no python"
