"""The host's line to a machine's process number one."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.guest import wire


class Control:
    """Requests, and the events that come back. Use it in the loop that made it.

    on_event: gets each event that is not the end of a process. on_close: called when the machine is gone.
    """

    def __init__(
        self, end: socket.socket, on_event: Callable[[wire.Message], None], on_close: Callable[[], None]
    ) -> None:
        self._exits: dict[int, asyncio.Future[int]] = {}
        self._on_event = on_event
        self._on_close = on_close
        self._channel = wire.Channel(end, self._received, self._closed)

    async def call(
        self, op: str, descriptors: Sequence[int] = (), **parameters: Any
    ) -> tuple[wire.Message, list[int]]:
        """One request. Raises wire.Failed, wire.Disconnected."""
        return await self._channel.call(op, descriptors, **parameters)

    async def exit_of(self, pid: int) -> int:
        """The exit code of a process that `spawn` started. Raises wire.Disconnected when it stops."""
        try:
            return await self._exit(pid)
        finally:
            self._exits.pop(pid, None)

    def close(self) -> None:
        self._channel.close()

    def _exit(self, pid: int) -> asyncio.Future[int]:
        return self._exits.setdefault(pid, asyncio.get_running_loop().create_future())

    def _received(self, _: wire.Channel, message: wire.Message, descriptors: list[int]) -> None:
        for descriptor in descriptors:
            os.close(descriptor)
        if message.get("event") != "exit":
            self._on_event(message)
            return
        end = self._exit(message["pid"])
        if not end.done():
            end.set_result(message["code"])

    def _closed(self, _: wire.Channel) -> None:
        for end in self._exits.values():
            if not end.done():
                end.set_exception(wire.Disconnected())
        self._on_close()
