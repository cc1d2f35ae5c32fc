"""A newcomer's computer: the tracked files in an empty folder, a home of its own, no Pulumi on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import PROJECT, SANDBOX_ENGINE

SECONDS = 240
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Newcomer:
    """Runs the README's commands in `folder`, with `environment` and nothing else."""

    folder: Path
    environment: dict[str, str]

    def start(self, *command: str) -> subprocess.Popen[str]:
        """The command, running, in a process group of its own; both outputs in one pipe."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, code: int = 0) -> str:
        """What the command printed, both outputs as a person sees them; fails unless it ends with `code`."""
        with self.start(*command) as process:
            printed, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == code, f"{' '.join(command)}: {process.returncode}\n{printed}"
        return printed

    def pulumi(self, *arguments: str, code: int = 0) -> str:
        """The engine's own command line in the world that `make up` made."""
        executable = self.environment.get("PULUMI_UNDER_TEST", "sandbox/engine/bin/pulumi")
        script = f'eval "$(.venv/bin/python -m sandbox env)"; exec {executable} "$@"'
        return self.run("sh", "-c", script, "sh", *arguments, code=code)


def tracked_files() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        name
        for name in listing.stdout.splitlines()
        if (PROJECT / name).is_symlink() or (PROJECT / name).exists()
    ]


def copy_project(folder: Path) -> None:
    """The tracked files, and the virtual environment by reference: making it anew takes a minute."""
    for name in tracked_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, folder / name, follow_symlinks=False)
    (folder / ".venv").symlink_to(PROJECT / ".venv")


@pytest.fixture(scope="module")
def newcomer(pulumi: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    """A fresh computer; whatever it started has ended after the last test."""
    folder = tmp_path_factory.mktemp("newcomer")
    copy_project(folder)
    home = tmp_path_factory.mktemp("home")
    computer = Newcomer(
        folder,
        {
            "PATH": SYSTEM_PATH if pulumi == SANDBOX_ENGINE else f"{pulumi.parent}:{SYSTEM_PATH}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
            "PULUMI_ROOT": str(pulumi.parent.parent),
            "PULUMI_UNDER_TEST": str(pulumi),
            "PULUMI_BACKEND_URL": f"file://{folder}/.sandbox/backend",
            "PULUMI_CONFIG_PASSPHRASE": "sandbox",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
    )
    try:
        yield computer
    finally:
        computer.run(".venv/bin/python", "-m", "sandbox", "down")
