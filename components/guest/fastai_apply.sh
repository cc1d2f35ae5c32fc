# Brings ~/fastai to WANTED and its conda environment with it; a plain template gets both. Follows fastai_common.sh and REVISION's assignment.
# The environment is made and tried first, from a copy of WANTED; only then does ~/fastai move. No local edit is lost:
# kept lines win, and a branch backup/<time> holds what was there.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

candidate=
clean_up() { if [ -n "$candidate" ]; then rm -rf "$candidate"; fi; }
trap clean_up EXIT

clone_where_there_is_none() {
  if [ -d "$repository/.git" ]; then return; fi
  [ ! -e "$repository" ] || fail "~/fastai is there and is no git clone; move it away on the machine"
  echo "fastai: git clone $origin"
  rm -rf "$repository.new"
  git clone --quiet "$origin" "$repository.new"
  mv "$repository.new" "$repository"
}

fetch() {
  local branch remote
  branch=$(upstream_branch)
  remote=$(upstream_remote)
  if [ "$(git_here rev-parse --is-shallow-repository 2>/dev/null)" = true ]; then
    git_here fetch --quiet --unshallow "$remote"
  fi
  git_here fetch --quiet --tags --force "$remote" "+refs/heads/*:refs/remotes/$remote/*"
  git_here cat-file -e "$WANTED^{commit}" 2>/dev/null ||
    fail "upstream has no commit $WANTED; is fastai_revision right, or has $branch been rewritten? Run up again."
}

# --- environment -------------------------------------------------------------------------------------------------

update_environment() {
  local digest
  candidate=$(mktemp -d)
  git_here archive "$WANTED" | tar -x -C "$candidate"
  [ -e "$candidate/environment.yml" ] || fail "$WANTED has no environment.yml"
  digest=$(environment_digest <"$candidate/environment.yml")
  if [ "$(cat "$stamps/environment" 2>/dev/null)" = "$digest" ] && imports_fastai "$environment" "$candidate"; then
    echo "environment: as environment.yml says"
    return
  fi
  keep_previous "$environment"
  if ! conda_update "$candidate" || ! has_jupyter || ! imports_fastai "$environment" "$candidate"; then
    put_back "$environment"
    fail "the environment could not be updated; the one that was there is in use again"
  fi
  printf '%s' "$digest" >"$stamps/environment"
}

conda_update() {
  local conda
  conda=$(conda_program)
  echo "environment: conda env update"
  (cd "$1" && "$conda" env update -p "$environment" -f environment.yml)
}

# Course environments bring Jupyter; where one does not, it is added.
has_jupyter() {
  [ -x "$environment/bin/jupyter" ] || "$(conda_program)" install --yes -p "$environment" notebook
}

conda_program() {
  if [ -x "$conda_root/bin/conda" ]; then echo "$conda_root/bin/conda"; else command -v conda; fi
}

install_conda_where_there_is_none() {
  local installer
  if conda_program >/dev/null; then return; fi
  echo "environment: installing Miniconda into $conda_root"
  installer=$(mktemp)
  curl -fsSL --retry 3 --max-time 900 -o "$installer" \
    "https://repo.anaconda.com/miniconda/Miniconda3-latest-Linux-$(uname -m).sh" || fail "Miniconda could not be fetched"
  bash "$installer" -b -u -p "$conda_root" || fail "Miniconda could not be installed"
  rm -f "$installer"
}

imports_fastai() { (cd "$2" && "$1/bin/python" -c 'import fastai') || return 1; }

# Hard links: packages are replaced, never written into, so the copy takes no time and no room.
keep_previous() {
  rm -rf "$1.previous"
  if [ -d "$1" ]; then cp -al "$1" "$1.previous"; fi
}

put_back() {
  if [ -d "$1.previous" ]; then
    rm -rf "$1.failed"
    if [ -d "$1" ]; then mv "$1" "$1.failed"; fi
    mv "$1.previous" "$1"
    rm -rf "$1.failed"
  fi
}

# --- repository --------------------------------------------------------------------------------------------------

commit_as_student() { git_here -c user.name=fastai -c user.email=fastai@localhost -c commit.gpgsign=false "$@"; }

update_repository() {
  local own_commits edits
  if git_here ls-files --unmerged | grep -q .; then
    fail "~/fastai has an unfinished merge; on the machine, finish it or run: git -C ~/fastai merge --abort"
  fi
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

# --- notebooks ---------------------------------------------------------------------------------------------------

# The course works in copies, named tmp-*; a copy that is there is never touched.
copy_lessons() {
  local lesson copy
  find "$repository/courses" -name 'lesson*.ipynb' -not -path '*/.ipynb_checkpoints/*' -print0 2>/dev/null |
    while IFS= read -r -d '' lesson; do
      copy=$(dirname "$lesson")/tmp-$(basename "$lesson")
      if [ ! -e "$copy" ]; then cp "$lesson" "$copy"; fi
    done
}

mkdir -p "$stamps"
[ -n "$WANTED" ] || fail "upstream does not answer, so there is no revision to go to; is the machine on the internet?"
clone_where_there_is_none
fetch
WANTED=$(git_here rev-parse "$WANTED^{commit}")
install_conda_where_there_is_none
update_environment
update_repository
printf '%s' "$WANTED" >"$stamps/revision"
copy_lessons
