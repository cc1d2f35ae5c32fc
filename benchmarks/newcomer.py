"""A dev stack of a benchmark's own: a copy of the project, a sandbox, a backend; all gone at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lab.engine import choose

PROJECT = Path(__file__).resolve().parent.parent


def copy_project(folder: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py"):
        shutil.copy2(PROJECT / name, folder / name)
    (folder / ".venv").symlink_to(PROJECT / ".venv")


def sandbox(folder: Path, command: str) -> str:
    """`python -m sandbox <command>`, with its state in `folder`."""
    words = [
        str(PROJECT / ".venv/bin/python"),
        "-m",
        "sandbox",
        command,
        "--directory",
        str(folder / ".sandbox"),
    ]
    return subprocess.run(words, cwd=PROJECT, check=True, capture_output=True, text=True).stdout


def exported(script: str) -> dict[str, str]:
    """The variables that `sandbox env` prints, as a shell reads them."""
    shell = subprocess.run(["sh", "-c", f"{script}\nenv"], check=True, capture_output=True, text=True, env={})
    pairs = (line.partition("=") for line in shell.stdout.splitlines())
    return {name: value for name, _, value in pairs if name.startswith("PAPERSPACE_")}


@contextlib.contextmanager
def dev_stack() -> Iterator[tuple[Path, dict[str, str], str]]:
    """Folder, environment and `pulumi` of a new stack `dev` that is not up yet."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_project(folder)
        (folder / "backend").mkdir()
        sandbox(folder, "up")
        try:
            yield folder, environment(folder), str(choose())
        finally:
            sandbox(folder, "down")


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **exported(sandbox(folder, "env")),
    }
