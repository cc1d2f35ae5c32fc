"""Runs git with nobody's settings and a fixed author, so that the same files give the same commits."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

AUTHOR = ("fast.ai", "info@fast.ai")


def git(*arguments: str, folder: Path | None = None, date: str | None = None) -> str:
    """Run one git command in `folder`; returns what it prints. Raises subprocess.CalledProcessError.

    date: of author and committer, as "2018-01-04T12:00:00Z"; now when None.
    """
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": AUTHOR[0],
        "GIT_AUTHOR_EMAIL": AUTHOR[1],
        "GIT_COMMITTER_NAME": AUTHOR[0],
        "GIT_COMMITTER_EMAIL": AUTHOR[1],
    }
    if date:
        environment |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    command = ["git", "-c", "init.defaultBranch=master", "-c", "safe.directory=*", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()
