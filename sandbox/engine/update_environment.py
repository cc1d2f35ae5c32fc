"""What the history keeps of where and how an update was run (Go: pkg/cmd/pulumi/metadata/metadata.go)."""

from __future__ import annotations

import os
import platform
import subprocess
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from shutil import which

from sandbox.engine import VERSION

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_COMMIT = {
    **{"git.head": "%H", "git.committer": "%cn", "git.committer.email": "%ce"},
    **{"git.author": "%an", "git.author.email": "%ae"},
}
_KINDS = ("auto.local", "auto.inline")


def update_environment(
    arguments: Namespace, directory: Path, variables: Mapping[str, str], python: str = ""
) -> dict[str, str]:
    """Names of flags and variables with whether they are on, never their values; the system; the commit;
    `python`: what ran the program, where one was run."""
    machine = platform.machine()
    kind, agent = arguments.exec_kind, arguments.exec_agent
    found = {
        "exec.kind": kind if kind in _KINDS else "cli",
        "pulumi.arch": _ARCHITECTURES.get(machine, machine),
        "pulumi.os": platform.system().lower(),
        "pulumi.version": VERSION,
        "stack.environments": "[]",
        "updatePlan": "false",
    }
    found |= {"exec.agent": agent} if agent else {}
    found |= {"runtime.name": "python", "runtime.executable": which(python) or python} if python else {}
    found |= {
        f"pulumi.env.{name}": value.lower() if value.lower() in ("true", "false") else "set"
        for name, value in variables.items()
        if name.startswith("PULUMI_")
    }
    return dict(sorted({**found, **_flags(arguments), **_commit(directory)}.items()))


def _flags(arguments: Namespace) -> dict[str, str]:
    given = {
        name: value
        for name, value in vars(arguments).items()
        if name not in ("function", "parser") and value != arguments.parser.get_default(name)
    }
    return {
        f"pulumi.flag.{name.replace('_', '-')}": str(value).lower() if isinstance(value, bool) else "set"
        for name, value in given.items()
    }


def commit_title(directory: Path) -> str:
    """The subject of the commit that the directory is at; "" without one."""
    return _git(directory, "log", "-1", "--format=%s")


def _commit(directory: Path) -> dict[str, str]:
    shown = _git(directory, "log", "-1", f"--format={'%n'.join(_COMMIT.values())}").split("\n")
    if len(shown) != len(_COMMIT):
        return {}
    branch = _git(directory, "symbolic-ref", "HEAD")
    dirty = bool(_git(directory, "status", "--porcelain"))
    named = {"git.headName": branch} if branch else {}
    return dict(zip(_COMMIT, shown, strict=True)) | named | {"git.dirty": str(dirty).lower()}


def _git(directory: Path, *words: str) -> str:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", *words], cwd=directory, env=environment, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
