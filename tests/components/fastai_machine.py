"""A machine with a clone of fastai's repository; conda is a stand-in that makes an environment or fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from components.fastai import fastai_step
from components.findings import Finding
from components.step import Step
from tests.components.guest import GuestHome

IDENTITY = {
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@localhost",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@localhost",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}
MIDNIGHT = 1_800_000_000
CONDA = """\
[ ! -e ~/conda-fails ] || { mkdir -p ~/anaconda3/envs/fastai/broken; exit 1; }
verb=$1
if [ "$1 $2" = "env export" ]; then echo "dependencies: [$(cat $4/made-from)]"; exit; fi
echo once >>~/updates
while [ $# -gt 0 ]; do case $1 in -p) prefix=$2;; esac; shift; done
mkdir -p $prefix/bin
[ $verb = install ] || cp --remove-destination environment.yml $prefix/made-from
ln -sf PYTHON $prefix/bin/python
touch $prefix/bin/jupyter-notebook
chmod +x $prefix/bin/jupyter-notebook
"""


def git(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env={**os.environ, **IDENTITY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


class Upstream:
    """fastai's repository, as someone else pushes to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch", "master")
        self.commit(
            {
                "environment.yml": "name: fastai\n",
                "fastai/__init__.py": "",
                "courses/dl1/lesson1.ipynb": "lesson 1\n",
                "README.md": "one\ntwo\nthree\n",
            }
        )

    def commit(self, files: dict[str, str]) -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "-m", "change")
        return git(self.folder, "rev-parse", "HEAD")


class Fastai:
    """A machine with a clone of upstream, and its fastai step."""

    def __init__(self, guest: GuestHome, upstream: Upstream) -> None:
        self.guest, self.upstream = guest, upstream
        self.clone = guest.home / "fastai"
        git(guest.home, "clone", "--quiet", str(upstream.folder), str(self.clone))
        conda = guest.home / "anaconda3" / "bin" / "conda"
        conda.parent.mkdir(parents=True)
        conda.write_text("#!/bin/bash\nset -e\n" + CONDA.replace("PYTHON", sys.executable))
        conda.chmod(0o755)
        guest.command("sudo", 'exec "$@"')
        self.runs = self.every = self.day = 0

    def step(self, revision: str = "") -> Step:
        return fastai_step(revision, self.every)

    def find(self, revision: str = "") -> Finding:
        return self.guest.find(self.step(revision), **self.clock)["fastai"]

    @property
    def clock(self) -> dict[str, str]:
        return {"FASTAI_NOW": str(MIDNIGHT + self.day * 86_400)}

    def update(self, revision: str = "") -> subprocess.CompletedProcess[str]:
        self.runs += 1
        return self.guest.run(self.step(revision), f"t-{self.runs}", self.find(revision).facts, **self.clock)

    def updated(self, revision: str = "") -> str:
        result = self.update(revision)
        assert result.returncode == 0, result.stderr + (self.guest.steps / "fastai" / "log").read_text()
        assert self.find(revision).satisfied, self.find(revision).facts
        return git(self.clone, "rev-parse", "HEAD")

    def file(self, name: str) -> Path:
        return self.clone / name

    @property
    def environment(self) -> Path:
        return self.guest.home / "anaconda3" / "envs" / "fastai"

    @property
    def previous(self) -> Path:
        return self.environment.with_name("fastai.previous")

    def conda_calls(self) -> int:
        calls = self.guest.home / "updates"
        return len(calls.read_text().splitlines()) if calls.exists() else 0

    def summary(self, revision: str = "") -> str:
        """What a preview says."""
        return self.step(revision).plan(self.find(revision).facts).summary

    def roll_back(self) -> subprocess.CompletedProcess[str]:
        return self.guest.bash(f"{self.guest.root}/usr/local/bin/fastai-rollback", **self.clock)

    def rolled_back(self) -> str:
        result = self.roll_back()
        assert result.returncode == 0, result.stderr
        return result.stdout

    def head(self) -> str:
        return git(self.clone, "rev-parse", "HEAD")

    def made_from(self) -> str:
        """The environment.yml that the environment in use was made from."""
        return (self.environment / "made-from").read_text()

    def backups(self) -> list[str]:
        return git(self.clone, "branch", "--list", "backup/*", "--format", "%(refname:short)").split()
