# The conda environment: changed at its place, since conda writes its place into it, with the one of before kept beside
# it as hard links. Follows fastai_common.sh.
#   fastai.before    the one to go back to while an update is under way; found at the start, it tells of one cut off
#   fastai.previous  the one that fastai-rollback goes back to

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

conda_program() {
  if [ -x "$conda_root/bin/conda" ]; then echo "$conda_root/bin/conda"; else command -v conda; fi
}

conda_update() { # folder with environment.yml
  local conda
  conda=$(conda_program)
  echo "environment: conda env update"
  (cd "$1" && "$conda" env update -p "$environment" -f environment.yml)
}

# Course environments bring Jupyter; where one does not, it is added.
has_jupyter() {
  [ -x "$environment/bin/jupyter-notebook" ] || "$(conda_program)" install --yes -p "$environment" notebook
}

# What exactly the environment holds: conda's and pip's packages with versions and builds.
write_lock() { # revision
  {
    echo "# fastai $1, $(date -u +%Y-%m-%dT%H:%M:%SZ); this environment again: conda env create -n fastai -f FILE"
    "$(conda_program)" env export -p "$environment"
  } >"$environment/fastai.lock.yml.new" && mv -f "$environment/fastai.lock.yml.new" "$environment/fastai.lock.yml"
}

write_record() { # environment's folder, then the lines; replaced, never written into: it may be a hard link
  local folder=$1
  shift
  printf '%s\n' "$@" >"$folder/fastai.record.new"
  mv -f "$folder/fastai.record.new" "$folder/fastai.record"
}

SMOKE_TEST='
import sys
import fastai
if sys.argv[1] == "gpu":
    import torch
    if not torch.cuda.is_available():
        sys.exit(f"torch {torch.__version__} sees no GPU, though the machine has one")
'

# fastai can be imported, and where there is a GPU torch sees it. `reason` is why not.
smoke_test() { # folder with fastai's sources
  local hardware=none
  if has_gpu; then hardware=gpu; fi
  if ! reason=$(cd "$1" && "$environment/bin/python" -c "$SMOKE_TEST" "$hardware" 2>&1); then
    echo "$reason"
    reason=${reason##*$'\n'}
    return 1
  fi
}

has_gpu() { compgen -G "${GUEST_ROOT:-}/dev/nvidia[0-9]*" >/dev/null || timeout 20 nvidia-smi -L >/dev/null 2>&1; }

# Hard links take no time and no room; files that pip and conda write into are copied.
keep_environment() {
  local file
  [ -d "$environment" ] || return 0
  rm -rf "$environment.copying"
  cp -al "$environment" "$environment.copying"
  (cd "$environment" && find conda-meta/history etc lib/python*/site-packages/*.pth -type f 2>/dev/null || true) |
    while IFS= read -r file; do cp -p --remove-destination "$environment/$file" "$environment.copying/$file"; done
  mv "$environment.copying" "$environment.before"
}

let_environment_go() { # the update worked: what was before is what fastai-rollback goes back to
  [ -d "$environment.before" ] || return 0
  rm -rf "$environment.previous"
  mv "$environment.before" "$environment.previous"
}

put_environment_back() {
  [ -d "$environment.before" ] || return 0
  rm -rf "$environment.failed"
  if [ -d "$environment" ]; then mv "$environment" "$environment.failed"; fi
  mv "$environment.before" "$environment"
  rm -rf "$environment.failed"
}

exchange_environments() {
  mv "$environment" "$environment.exchanged"
  mv "$environment.previous" "$environment"
  mv "$environment.exchanged" "$environment.previous"
}

# After a power cut or a kill.
finish_what_was_cut_off() {
  rm -rf "$environment.copying" "$environment.failed"
  if [ -d "$environment.exchanged" ]; then
    [ -d "$environment" ] || mv "$environment.previous" "$environment"
    mv "$environment.exchanged" "$environment.previous"
  fi
  if [ -d "$environment.before" ]; then
    echo "environment: an update was cut off; the one that was there is in use again"
    put_environment_back
  fi
}
