"""Chooses how far a machine is walled off: L1 in namespaces of its own, L0 as plain processes, or nspawn."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from sandbox.guest import packages
from sandbox.guest.disk import FOLDERS
from sandbox.guest.init.specification import Specification

VARIABLE = "SANDBOX_GUEST_LEVEL"
PROJECT = Path(__file__).resolve().parents[2]


class UnknownLevel(ValueError):
    """SANDBOX_GUEST_LEVEL holds something else than L0, L1 or nspawn, or what this computer cannot do."""


def choose(directory: Path) -> str:
    """The level that SANDBOX_GUEST_LEVEL asks for, else L1 where a trial of it works, else L0.

    Raises UnknownLevel.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted and wanted not in ("L0", "L1", "nspawn"):
        message = f"{VARIABLE}={wanted}: must be L0, L1 or nspawn, or not set"
        raise UnknownLevel(message)
    if wanted == "nspawn" and (missing := missing_for_nspawn()):
        message = f"{VARIABLE}=nspawn: {missing}"
        raise UnknownLevel(message)
    if wanted:
        return wanted
    return "L1" if namespaces_work(str(directory)) else "L0"


def missing_for_nspawn() -> str:
    """What this computer lacks for machines under systemd-nspawn, as a sentence; empty for nothing."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux"
    programs = ("apt-get", "debootstrap", "systemd-nspawn", "unshare", "nsenter")
    if absent := [name for name in programs if not shutil.which(name)]:
        return f"needs {', '.join(absent)}; on Debian: tools/apt-install debootstrap systemd-container"
    return ""


@cache
def namespaces_work(directory: str) -> bool:
    """Whether a machine can be confined here, found out by confining one on a small disk in `directory`."""
    Path(directory).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="trial-", dir=directory) as folder:
        for name in (*FOLDERS, "upstream", "cache"):
            Path(folder, "disk", name).mkdir(parents=True, exist_ok=True)
        specification = Specification(
            level="L1",
            hostname="trial",
            disk=f"{folder}/disk",
            upstream=f"{folder}/disk/upstream",
            cache=f"{folder}/disk/cache",
            uv="",
            python=packages.python(),
            python_prefixes=packages.python_prefixes(),
            libraries={},
        )
        Path(folder, "specification.json").write_text(specification.to_json(), encoding="utf-8")
        command = [sys.executable, "-SE", "-m", "sandbox.guest.init", "--trial", folder]
        done = subprocess.run(command, cwd=PROJECT, env={}, capture_output=True, check=False, timeout=30)
        return done.returncode == 0
