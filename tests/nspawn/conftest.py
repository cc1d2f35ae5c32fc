"""A real Debian with systemd, PAM, sudo and sshd behind the sandbox's API; root on Linux only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.guest import levels
from sandbox.guest.guests import SshGuests
from sandbox.guest.nspawn.network import MACHINE
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings

LOOPBACK = ["127.0.0.1", "::1", "localhost", "127.0.0.0/8"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The machine's address is one of its own network namespace, whose only device is a loopback."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.nspawn)
            item.add_marker(pytest.mark.allow_hosts([*LOOPBACK, MACHINE]))


@pytest.fixture(scope="session", autouse=True)
def nspawn_level() -> Iterator[None]:
    """Machines at level nspawn; skips everything where this computer cannot run them."""
    if missing := levels.missing_for_nspawn():
        pytest.skip(f"no machines under systemd-nspawn here: {missing}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(levels.VARIABLE, "nspawn")
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox keeps its state and its machines' disks."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def sandbox(folder: Path, nspawn_level: None) -> Iterator[Sandbox]:
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
        *(command for command in commands() if "nspawn" in command and str(folder) in command),
        *(mount for mount in mounts if str(folder) in mount),
        *map(str, groups),
    ]


def commands() -> Iterator[str]:
    """The command line of each process."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
