"""Messages with file descriptors between a machine's processes: JSON over SOCK_SEQPACKET Unix sockets.

A request carries `id`; its reply carries the same `id`; a message with `event` belongs to no request.
One message is at most 200 kB (the kernel's default send buffer); anything larger travels as a descriptor.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

Message = dict[str, Any]
SOCKET = "/run/guest/init.sock"
"""Where the machine's process number one listens to the machine's own commands."""
MAX_BYTES = 212_992
MAX_DESCRIPTORS = 4


class Disconnected(ConnectionError):
    """The other end is gone."""


class Failed(RuntimeError):
    """The other end answered with an error; `errno` is set when the cause was an OSError there."""

    def __init__(self, message: str, errno: int = 0) -> None:
        super().__init__(message)
        self.errno = errno


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(end: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Send one message; the receiver gets duplicates of the descriptors."""
    data = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogateescape")
    if descriptors:
        socket.send_fds(end, [data], list(descriptors))
    else:
        end.send(data)


def receive(end: socket.socket, flags: int = 0) -> tuple[Message, list[int]]:
    """Take one message and the descriptors that came with it. Raises Disconnected at the end."""
    try:
        data, descriptors, _, _ = socket.recv_fds(end, MAX_BYTES, MAX_DESCRIPTORS, flags)
    except ConnectionResetError as error:
        raise Disconnected from error
    if not data:
        raise Disconnected
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return json.loads(data.decode("utf-8", "surrogateescape")), descriptors


def listen(path: str) -> socket.socket:
    """Listen at `path`, which may be longer than the 107 bytes that a socket address can hold."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    _at_path(path, end.bind)
    end.listen(64)
    return end


def connect(path: str) -> socket.socket:
    """Connect to a socket made by `listen`."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    _at_path(path, end.connect)
    return end


def _at_path(path: str, use: Callable[[str], None]) -> None:
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)  # noqa: PTH120 - no pathlib behind the wall
    try:
        use(f"/proc/self/fd/{folder}/{os.path.basename(path)}")  # noqa: PTH119
    finally:
        os.close(folder)


class Caller:
    """Blocking requests, for the small commands inside a machine."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self._ids = itertools.count(1)

    def call(self, op: str, descriptors: Sequence[int] = (), **parameters: Any) -> tuple[Message, list[int]]:
        """Send a request and wait for its reply; events that come before it are dropped. Raises Failed."""
        number = next(self._ids)
        send(self.end, {"id": number, "op": op, **parameters}, descriptors)
        while True:
            reply, received = receive(self.end)
            if reply.get("id") == number:
                return _checked(reply), received

    def wait_for(self, event: str, **fields: Any) -> Message:
        """Wait for one event that has these fields."""
        while True:
            message, _ = receive(self.end)
            if message.get("event") == event and all(
                message.get(key) == value for key, value in fields.items()
            ):
                return message


class Channel:
    """One end in an asyncio loop. `on_message` gets what is not a reply; `on_close` is called at the end."""

    def __init__(
        self,
        end: socket.socket,
        on_message: Callable[[Channel, Message, list[int]], None],
        on_close: Callable[[Channel], None],
    ) -> None:
        import asyncio  # here, because it is most of what the start of a stand-in would cost

        self._end = end
        self._on_message = on_message
        self._on_close = on_close
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[tuple[Message, list[int]]]] = {}
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._loop.add_reader(end.fileno(), self._readable)

    async def call(
        self, op: str, descriptors: Sequence[int] = (), **parameters: Any
    ) -> tuple[Message, list[int]]:
        """Send a request and wait for its reply. Raises Failed, Disconnected."""
        if self._closed:
            raise Disconnected
        number = next(self._ids)
        answer: asyncio.Future[tuple[Message, list[int]]] = self._loop.create_future()
        self._waiting[number] = answer
        self.send({"id": number, "op": op, **parameters}, descriptors)
        reply, received = await answer
        return _checked(reply), received

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send without waiting; a peer that is gone is found by the reader."""
        try:
            send(self._end, message, descriptors)
        except (BrokenPipeError, ConnectionResetError):
            self.close()

    def close(self) -> None:
        """Close this end; everyone who waits for a reply gets Disconnected."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._end.fileno())
        self._end.close()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Disconnected())
        self._waiting.clear()
        self._on_close(self)

    def _readable(self) -> None:
        try:
            message, descriptors = receive(self._end, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except Disconnected:
            self.close()
            return
        answer = self._waiting.pop(message["id"], None) if "op" not in message and "id" in message else None
        if answer is None:
            self._on_message(self, message, descriptors)
        elif not answer.done():
            answer.set_result((message, descriptors))


def _checked(reply: Message) -> Message:
    if "error" in reply:
        raise Failed(reply["error"], reply.get("errno", 0))
    return reply
