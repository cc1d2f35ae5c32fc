# ~/fastai goes to WANTED, and no local edit is lost: kept lines win, and a branch backup/<time> holds what was there.
# Follows fastai_common.sh.

commit_as_student() { git_here -c user.name=fastai -c user.email=fastai@localhost -c commit.gpgsign=false "$@"; }

refuse_unfinished_merge() {
  if git_here ls-files --unmerged | grep -q .; then
    fail "~/fastai has an unfinished merge; on the machine, finish it or run: git -C ~/fastai merge --abort"
  fi
}

update_repository() {
  local own_commits edits
  own_commits=$(git_here rev-list --count "$(base)..HEAD")
  stage_local_edits
  edits=$(git_here diff --cached --quiet && echo no || echo yes)
  if at_wanted; then
    git_here reset --quiet
    echo "fastai: at ${WANTED:0:7}"
    return
  fi
  if [ "$edits" = yes ]; then commit_as_student commit --quiet --no-verify -m "Local edits"; fi
  if [ "$edits" = yes ] || [ "$own_commits" != 0 ]; then keep_backup_branch; fi
  if [ "$own_commits" != 0 ] && [ -z "$REVISION" ]; then
    merge_keeping_own_lines
  else
    move_keeping_own_lines
  fi
}

at_wanted() {
  if [ -n "$REVISION" ]; then
    [ "$(git_here rev-parse HEAD)" = "$WANTED" ]
  else
    git_here merge-base --is-ancestor "$WANTED" HEAD
  fi
}

# The newest upstream commit that the clone stands on.
base() {
  git_here merge-base HEAD "refs/remotes/$(upstream_remote)/$(upstream_branch)" ||
    git_here merge-base HEAD "$WANTED"
}

# Edits of tracked files, and files of the student's own where WANTED has one of that name.
stage_local_edits() {
  local path parent
  git_here add --update
  git_here diff --name-only -z --diff-filter=A HEAD "$WANTED" | while IFS= read -r -d '' path; do
    parent=$path
    while [ "$parent" != . ]; do
      if [ -e "$repository/$parent" ] && { [ "$parent" = "$path" ] || [ ! -d "$repository/$parent" ]; }; then
        git_here add --force -- "$parent"
      fi
      parent=$(dirname "$parent")
    done
  done
}

keep_backup_branch() {
  local name
  name=backup/$(date -u +%Y%m%dT%H%M%SZ)
  git_here branch --force "$name" HEAD
  echo "fastai: what was there is on branch $name"
}

# The student's commits stay commits.
merge_keeping_own_lines() {
  commit_as_student merge --quiet -X ours --no-edit -m "Update fastai" "$WANTED" || keep_own_side
  echo "fastai: ${WANTED:0:7} merged into your own commits"
}

keep_own_side() {
  local path
  git_here diff --name-only -z --diff-filter=U | while IFS= read -r -d '' path; do
    if git_here cat-file -e ":2:$path" 2>/dev/null; then
      git_here checkout --quiet --ours -- "$path"
      git_here add --force -- "$path"
    else
      git_here rm --quiet --cached -- "$path"
      rm -f "$repository/$path"
    fi
  done
  commit_as_student commit --quiet --no-verify --no-edit
}

# HEAD becomes WANTED; what differed from upstream stays in the files as uncommitted edits.
move_keeping_own_lines() {
  local edits from
  from=$(base)
  edits=$(commit_as_student commit-tree -p "$from" -m "Local edits" "HEAD^{tree}")
  git_here reset --quiet --hard "$WANTED"
  if ! git_here diff --quiet "$from" "$edits"; then
    commit_as_student cherry-pick --allow-empty -X theirs "$edits" >/dev/null 2>&1 || keep_picked_side "$edits"
    git_here reset --quiet "$WANTED"
  fi
  echo "fastai: at ${WANTED:0:7}"
}

keep_picked_side() {
  local path
  git_here diff --name-only -z --diff-filter=U | while IFS= read -r -d '' path; do
    if git_here cat-file -e "$1:$path" 2>/dev/null; then
      git_here checkout --quiet "$1" -- "$path"
    else
      git_here rm --quiet --cached -- "$path"
      rm -f "$repository/$path"
    fi
  done
  commit_as_student -c core.editor=true cherry-pick --continue >/dev/null 2>&1 || git_here cherry-pick --quit 2>/dev/null || true
}
