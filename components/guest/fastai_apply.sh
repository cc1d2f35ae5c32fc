# Brings ~/fastai to WANTED and its conda environment with it; a plain template gets both. Follows fastai_common.sh,
# fastai_environment.sh, fastai_repository.sh and `rollback_program`, which prints the command fastai-rollback.
# The environment is made and tried first, with a copy of WANTED's sources; only then does ~/fastai move. Whatever
# fails, the environment that was there is in use again.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

candidate=
clean_up() {
  put_environment_back
  if [ -n "$candidate" ]; then rm -rf "$candidate"; fi
}
trap clean_up EXIT
trap 'exit 143' TERM

clone_where_there_is_none() {
  if [ -d "$repository/.git" ]; then return; fi
  [ ! -e "$repository" ] || fail "~/fastai is there and is no git clone; move it away on the machine"
  echo "fastai: git clone $origin"
  rm -rf "$repository.new"
  git clone --quiet "$origin" "$repository.new"
  mv "$repository.new" "$repository"
}

# Nothing to go to: upstream did not answer the check, or has nothing of that name.
fail_without_revision() {
  local listing name=${REVISION:-$(upstream_branch)} upstream=$origin
  if [ -d "$repository/.git" ]; then upstream=$(git_here remote get-url "$(upstream_remote)"); fi
  listing=$(timeout 20 git ls-remote --heads --tags "$upstream") ||
    fail "upstream does not answer, so there is no revision to go to; is the machine on the internet?"
  if cut -f 2 <<<"$listing" | grep -qxF -e "refs/heads/$name" -e "refs/tags/$name"; then
    fail "upstream did not answer a moment ago, and now does: run up again"
  fi
  fail "fastai_revision = \"$name\": upstream has no such commit, tag or branch; it has such as" \
    "$(some_of heads "$listing") $(some_of tags "$listing"); \"\" follows its main branch"
}

some_of() { # heads or tags, what git ls-remote printed
  sed -n "/\^{}\$/d; s,^.*refs/$1/,,p" <<<"$2" | sort -rV | sed -n 1,4p | paste -sd ' '
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

take_sources() {
  candidate=$(mktemp -d)
  git_here archive "$WANTED" | tar -x -C "$candidate"
  [ -e "$candidate/environment.yml" ] || fail "$WANTED has no environment.yml"
}

is_update() {
  [ "$recorded_revision" != "$WANTED" ] || { is_followed && is_due; } || ! smoke_test "$candidate"
}

update() {
  local digest
  digest=$(environment_digest <"$candidate/environment.yml")
  record_what_is_there
  keep_environment
  if [ "$recorded_environment" != "$digest" ] || is_due || ! smoke_test "$candidate"; then
    conda_update "$candidate" || fail "conda env update failed (see above); the environment that was there is in use again"
    has_jupyter || fail "Jupyter could not be added; the environment that was there is in use again"
    smoke_test "$candidate" || fail "the updated environment does not work: $reason; the one that was there is in use again"
  fi
  write_lock "$WANTED" || fail "conda env export failed (see above); the environment that was there is in use again"
  update_repository
  write_record "$environment" "revision=$WANTED" "environment=$digest" "updated=$now" \
    "asked=$REVISION" "every=$UPDATE_EVERY_DAYS"
  let_environment_go
}

# So that fastai-rollback knows what belongs to the template's environment.
record_what_is_there() {
  if [ -d "$environment" ] && [ ! -e "$environment/fastai.record" ]; then
    write_record "$environment" "revision=$(base)"
  fi
}

# Nothing new; ~/fastai may have been moved, or the configuration now names the same revision in another way.
repair() {
  [ -e "$environment/fastai.lock.yml" ] || write_lock "$WANTED" || fail "conda env export failed (see above)"
  update_repository
  write_record "$environment" "revision=$WANTED" "environment=$recorded_environment" "updated=$recorded_updated" \
    "asked=$REVISION" "every=$UPDATE_EVERY_DAYS" ${rolled_back_from:+"rolled_back_from=$rolled_back_from"}
}

# The course works in copies, named tmp-*; a copy that is there is never touched.
copy_lessons() {
  local lesson copy
  find "$repository/courses" -name 'lesson*.ipynb' -not -path '*/.ipynb_checkpoints/*' -print0 2>/dev/null |
    while IFS= read -r -d '' lesson; do
      copy=$(dirname "$lesson")/tmp-$(basename "$lesson")
      if [ ! -e "$copy" ]; then cp "$lesson" "$copy"; fi
    done
}

install_rollback_command() {
  if cmp -s "$rollback_command" <(rollback_program); then return; fi
  rollback_program >"$candidate/fastai-rollback"
  sudo install -D -m 755 "$candidate/fastai-rollback" "$rollback_command"
}

[ -n "$WANTED" ] || fail_without_revision
clone_where_there_is_none
refuse_unfinished_merge
finish_what_was_cut_off
read_record "$environment"
if [ "$recorded_revision" != "$WANTED" ]; then fetch; fi
WANTED=$(git_here rev-parse "$WANTED^{commit}")
install_conda_where_there_is_none
take_sources
if is_update; then update; else repair; fi
copy_lessons
install_rollback_command
