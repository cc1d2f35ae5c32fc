"""The stand-ins' line to the machine's process number one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from sandbox.guest import wire
from sandbox.guest.standins.command import Refused, root

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def connect() -> wire.Caller:
    """Connect. Raises Refused when there is nobody, as on a machine that shuts down."""
    try:
        return wire.Caller(wire.connect(root() + wire.SOCKET))
    except OSError as error:
        message = f"Failed to connect to bus: {error.strerror}"
        raise Refused(message) from error


def run_as(
    user: str,
    argv: Sequence[str],
    environment: Mapping[str, str],
    folder: str | None,
    caller: wire.Caller | None = None,
) -> int:
    """Run a command as another user with this process's input and output; returns its exit code."""
    caller = caller or connect()
    try:
        reply, _ = caller.call(
            "spawn", [0, 1, 2], argv=list(argv), user=user, env=dict(environment), cwd=folder, pty=None
        )
    except wire.Failed as error:
        raise Refused(f"{argv[0]}: {error}") from error  # noqa: EM102
    pid = reply["pid"]

    def forward(number: int, _: object) -> None:
        with suppress(OSError):
            wire.send(caller.end, {"op": "signal", "pid": pid, "number": number})

    for number in FORWARDED:
        signal.signal(number, forward)
    try:
        return int(caller.wait_for("exit", pid=pid)["code"])
    except wire.Disconnected:
        return 255


def exec_command(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    """Become the command. Raises Refused when it cannot be run."""
    sys.stdout.flush()
    try:
        os.execvpe(argv[0], list(argv), dict(environment))
    except OSError as error:
        raise Refused(f"{argv[0]}: {error.strerror}", 127) from error  # noqa: EM102
