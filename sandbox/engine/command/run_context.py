"""What a run may use besides its inputs: the log of its resource, its deadline, and the provider's Cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pulumi.runtime.proto.engine_pb2 import LogRequest

from sandbox.engine.command.errors import Cancelled, DeadlinePassed

Log = Callable[[LogRequest], None]
Outputs = dict[str, str]
DEBUG, INFO, WARNING, ERROR = range(4)  # engine.proto, LogSeverity


class RunContext:
    """`deadline` bounds only the dials, in the loop's seconds; a command that runs is never interrupted."""

    def __init__(self, urn: str, log: Log, cancelled: asyncio.Event, timeout: float = 0) -> None:
        self.urn = urn
        self._log = log
        self._cancelled = cancelled
        self._deadline = asyncio.get_running_loop().time() + timeout if timeout else None

    def status(self, message: str) -> None:
        """Show a line on the resource's own row for as long as it is worked on."""
        self.log(INFO, message, ephemeral=True)

    def log(self, severity: int, message: str, *, ephemeral: bool = False) -> None:
        request = LogRequest(severity=severity, message=message, urn=self.urn, ephemeral=ephemeral)  # type: ignore[arg-type]
        self._log(request)

    async def pause(self, seconds: float) -> None:
        """Wait between two dials; raise Cancelled, or DeadlinePassed past the resource's custom timeout."""
        left = seconds if self._deadline is None else self._deadline - asyncio.get_running_loop().time()
        try:
            await asyncio.wait_for(self._cancelled.wait(), max(0, min(seconds, left)))
        except TimeoutError:
            if left > seconds or self._deadline is None:
                return
            message = "context deadline exceeded"
            raise DeadlinePassed(message) from None
        message = "context canceled"
        raise Cancelled(message)
