"""Chooses what a machine is: L1 processes in namespaces of its own, L0 plain processes, nspawn, or vm."""

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
DEBIAN = ("apt-get", "debootstrap", "systemd-nspawn", "unshare", "nsenter")
LEVELS = {
    "L0": ((), ""),
    "L1": ((), ""),
    "nspawn": (DEBIAN, "debootstrap systemd-container"),
    "vm": (
        (*DEBIAN, "qemu-system-x86_64", "mke2fs", "setpriv"),
        "debootstrap systemd-container qemu-system-x86",
    ),
}
"""By name: the programs that a level needs, and the packages that bring them."""
PROJECT = Path(__file__).resolve().parents[2]


class UnknownLevel(ValueError):
    """SANDBOX_GUEST_LEVEL holds something else than L0, L1, nspawn or vm, or what this computer cannot do."""


def choose(directory: Path) -> str:
    """The level that SANDBOX_GUEST_LEVEL asks for, else L1 where a trial of it works, else L0.

    Raises UnknownLevel.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted and wanted not in LEVELS:
        message = f"{VARIABLE}={wanted}: must be L0, L1, nspawn or vm, or not set"
        raise UnknownLevel(message)
    if wanted and (missing := missing_for(wanted)):
        message = f"{VARIABLE}={wanted}: {missing}"
        raise UnknownLevel(message)
    if wanted:
        return wanted
    return "L1" if namespaces_work(str(directory)) else "L0"


def missing_for(level: str) -> str:
    """What this computer lacks for machines of a level, as a sentence; empty for nothing."""
    programs, packages_of_debian = LEVELS[level]
    if programs and (sys.platform != "linux" or os.geteuid() != 0):
        return "needs root on Linux"
    if absent := [name for name in programs if not shutil.which(name)]:
        return f"needs {', '.join(absent)}; on Debian: tools/apt-install {packages_of_debian}"
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
