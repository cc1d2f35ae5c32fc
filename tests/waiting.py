"""Waiting for something that another process does: by its effect, never by a length of time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import IO

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


def kill_group(process: subprocess.Popen[str]) -> None:
    """End what leads a process group of its own, and what it started there; nothing if it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


class Started(subprocess.Popen[str]):
    """Leads a process group. Where the `with` block fails it is killed: what it waits for may never come."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind:
            kill_group(self)
        super().__exit__(kind, value, traceback)


def press_ctrl_c(pulumi: subprocess.Popen[str]) -> None:
    """Once, and see it taken: until then, what is running may end and the next begin.

    Both of pulumi's outputs must be in one pipe: the real one answers on stdout, the sandbox's on stderr.
    """
    pulumi.send_signal(signal.SIGINT)
    line_with(pulumi, "received; cancelling")


def line_with(
    process: subprocess.Popen[str],
    pattern: str,
    output: IO[str] | None = None,
    seconds: float = GIVE_UP_SECONDS,
) -> str:
    """The next line of `output` (stdout) that matches. Fails if `process` ends before, or after `seconds`.

    A read has no deadline, so the end of the process has to be that of the read.
    """
    seen: list[str] = []
    overdue = threading.Timer(seconds, kill_group, [process])
    overdue.start()
    try:
        for line in output or process.stdout or ():
            seen.append(line)
            if re.search(pattern, line):
                return line.strip()
    finally:
        overdue.cancel()
    message = f"no line matched {pattern!r} in:\n{''.join(seen)}"
    raise AssertionError(message)
