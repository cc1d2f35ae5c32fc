"""What the high-fidelity tiers share: a sandbox of one level, and a look at what it left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncssh
import pytest

from components import ssh
from sandbox.guest import levels
from sandbox.guest.guests import SshGuests
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings

OnMachine = Callable[[str], str]
LEVEL_IN_COMMANDS = {"nspawn": "nspawn", "vm": "qemu-system"}


@contextmanager
def machines_of(level: str) -> Iterator[None]:
    """Machines at this level; skips where this computer cannot run them."""
    if missing := levels.missing_for(level):
        pytest.skip(f"no machines at level {level} here: {missing}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(levels.VARIABLE, level)
        yield


@contextmanager
def tidy_sandbox(folder: Path) -> Iterator[Sandbox]:
    """A sandbox whose API says `off` of a machine that powered itself off; nothing of it is left behind."""
    settings = SandboxSettings.immediate().model_copy(update={"in_guest_poweroff": "becomes-off"})
    with Sandbox(folder, settings, make_guests=SshGuests) as world:
        yield world
    assert left_behind(folder) == []


def left_behind(folder: Path) -> list[str]:
    """What machines of `folder` left on this computer: processes, mounts, control groups."""
    machines = folder / "machines"
    names = [machine.name for machine in machines.iterdir()] if machines.exists() else []
    groups = [group for name in names for group in Path("/sys/fs/cgroup").rglob(f"sandbox-{name}")]
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    return [
        *(command for command in commands() if is_machine(command) and str(folder) in command),
        *(mount for mount in mounts if str(folder) in mount),
        *map(str, groups),
    ]


def is_machine(command: str) -> bool:
    return any(word in command for word in LEVEL_IN_COMMANDS.values())


def commands() -> Iterator[str]:
    """The command line of each process."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def reachable(on_machine: OnMachine, command: str) -> str:
    """What the command prints; empty while the machine does not let in or the command fails."""
    try:
        return on_machine(command)
    except (ssh.Unreachable, AssertionError, OSError, asyncssh.Error):
        return ""


def told(on_machine: OnMachine, command: str) -> None:
    """A command whose own connection goes down with the machine."""
    reachable(on_machine, command)
