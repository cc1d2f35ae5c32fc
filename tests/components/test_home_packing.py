"""The machine's side of a packing under way, as the idle stop's own sensor sees it."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from components import guest_files
from components.guest import idle_sensors
from components.home_packing import Packing, command
from tests.components.guest import SECONDS, GuestHome

MORE_THAN_A_PIPE = (1 << 20, "/dev/urandom")
SUDO = 'exec 9>&-; [ "$1" = -n ] && shift; exec "$@"'
"""As the real one: the command inherits no file of the caller's."""
NO_SUDO = "exit 1"


def is_seen(guest: GuestHome) -> bool:
    machine = idle_sensors.Machine(guest.root, 8889, 0.0, 60, {}, {})
    return idle_sensors.steps(machine).age is not None


@contextmanager
def packing(guest: GuestHome) -> Iterator[subprocess.Popen[bytes]]:
    """A packing that goes no further than a pipe takes until somebody reads."""
    size, source = MORE_THAN_A_PIPE
    with Path(source).open("rb") as random:
        (guest.home / "data").write_bytes(random.read(size))
    line = command(Packing("anna", "ps1", "/nowhere", home=str(guest.home)))
    process = subprocess.Popen(
        ["bash", "-c", line],
        env=guest.environment(),
        cwd=guest.home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(guest_files.read("pack_home.py").encode())
        process.stdin.close()
        assert process.stdout.read(1)
        yield process


def read_to_the_end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout
    assert process.stdout.read()
    assert process.wait(SECONDS) == 0


def hang_up(process: subprocess.Popen[bytes]) -> None:
    """What the SSH server does when its client is gone: nobody reads any more."""
    assert process.stdout
    process.stdout.close()
    assert process.wait(SECONDS) != 0


def step_lock(guest: GuestHome, step: str) -> Path:
    lock = guest.steps / step / "worker.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    return lock


@pytest.mark.parametrize("sudo", [SUDO, NO_SUDO], ids=["as root", "as the student"])
@pytest.mark.parametrize("ends", [read_to_the_end, hang_up])
def test_a_packing_is_a_sign_of_use_until_it_ends_in_whatever_way(
    guest: GuestHome, sudo: str, ends: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    guest.command("sudo", sudo)
    assert not is_seen(guest)
    with packing(guest) as process:
        assert is_seen(guest)
        ends(process)
    assert not is_seen(guest)


def test_a_full_home_folder_is_packed_and_seen_by_the_lock_that_is_there(guest: GuestHome) -> None:
    guest.command("sudo", SUDO)
    guest.command("mkdir", "echo 'No space left on device' >&2; exit 1")
    with packing(guest) as process:
        assert not is_seen(guest)
        read_to_the_end(process)
    step_lock(guest, "idle-stop")
    with packing(guest) as process:
        assert is_seen(guest)
        read_to_the_end(process)
    assert not (guest.steps / "archive").exists()


def test_the_second_of_two_packings_is_seen_when_the_first_has_ended(guest: GuestHome) -> None:
    guest.command("sudo", SUDO)
    step_lock(guest, "idle-stop")
    with step_lock(guest, "archive").open() as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        with packing(guest) as process:
            fcntl.flock(first, fcntl.LOCK_UN)
            assert is_seen(guest)
            read_to_the_end(process)
    assert not is_seen(guest)
