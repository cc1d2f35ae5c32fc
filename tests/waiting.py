"""Waiting for something that another process does: by its effect, never by a length of time."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

GIVE_UP_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.02


def wait_until(
    happened: Callable[[], bool],
    what: str,
    process: subprocess.Popen[str] | None = None,
    seconds: float = GIVE_UP_SECONDS,
) -> None:
    """Returns when `happened()`. Fails if `process` has ended before, or after `seconds`."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert process is None or process.poll() is None, f"ended before {what}: {printed(process)}"
        assert time.monotonic() < deadline, f"gave up waiting until {what}"
        time.sleep(LOOK_AGAIN_SECONDS)


def printed(process: subprocess.Popen[str] | None) -> str:
    return process.communicate()[0] if process else ""
