"""What a command prints: kept whole for each stream and in the order of arrival, and logged line by line."""

from __future__ import annotations

import asyncssh

from sandbox.engine.command.errors import Refused
from sandbox.engine.command.limits import MAX_LOGGED_LINE, unbroken_line
from sandbox.engine.command.run_context import RunContext

_LOGGED = {"stdout": {"stdout"}, "stderr": {"stderr"}, "stdoutAndStderr": {"stdout", "stderr"}}


class Recorder(asyncssh.SSHClientSession[bytes]):
    """An SSH session; `refused` is set, and the channel closed, on a line that would hang the real plugin."""

    def __init__(self, context: RunContext, logging: str) -> None:
        self._context = context
        self._logged = _LOGGED.get(logging, set())
        self._line = bytearray()
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self.streams: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self.everything = bytearray()
        self.refused: Refused | None = None

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        stream = "stderr" if datatype == asyncssh.EXTENDED_DATA_STDERR else "stdout"
        self.streams[stream] += data
        self.everything += data
        if stream in self._logged and not self.refused:
            self._log_lines(data)

    def _log_lines(self, data: bytes) -> None:
        self._line += data
        *lines, rest = self._line.split(b"\n")
        self._line = bytearray(rest)
        if any(len(line) > MAX_LOGGED_LINE for line in (*lines, rest)):
            self._refuse()
            return
        for line in lines:
            self._log(line)

    def _refuse(self) -> None:
        self.refused = unbroken_line()
        self._line.clear()
        if self._channel:
            self._channel.get_connection().abort()

    def _log(self, line: bytes | bytearray) -> None:
        self._context.status(line.removesuffix(b"\r").decode(errors="replace"))

    def finish(self) -> None:
        """Log a last line that had no newline."""
        if self._line:
            self._log(self._line)
