# What the fastai step's check and its body agree on. Takes REVISION: a commit, tag or branch, or "" for upstream's.

export LC_ALL=C.UTF-8 GIT_TERMINAL_PROMPT=0
export GIT_SSH_COMMAND='ssh -o BatchMode=yes -o ConnectTimeout=5'
repository=$HOME/fastai
origin=https://github.com/fastai/fastai.git
conda_root=$HOME/anaconda3
environment=$conda_root/envs/fastai
stamps=$HOME/.local/state/fastai

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

# Everything that decides what the environment holds.
environment_digest() { sha256sum | cut -c 1-12; }
