"""Processes, told apart for certain: a number alone may belong to another process by now (Linux's /proc)."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

_LOOK_EVERY = 0.02


def started_at(pid: int) -> str | None:
    """When it started, in the kernel's ticks since boot; None when it is not there or is a zombie."""
    try:
        # The command name, in parentheses, may hold anything: count fields from behind it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def boot_id() -> str:
    """Differs after each start of this computer."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def is_alive(pid: int, started: str) -> bool:
    return started_at(pid) == started


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """False when the condition did not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_EVERY)
    return True


def end(pid: int, started: str, patience: float) -> None:
    """SIGTERM, and SIGKILL after `patience` seconds; nothing when the number is another process's."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not is_alive(pid, started):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(lambda: not is_alive(pid, started), patience):
            return


def with_words(*words: str) -> list[int]:
    """Numbers of the processes whose command line holds every word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            if all(word in command for word in words):
                found.append(int(folder.name))
    return found
