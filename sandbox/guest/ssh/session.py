"""Runs the command or the shell of one session and carries its bytes."""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import termios
import time
from contextlib import suppress
from signal import Signals
from typing import Any

import asyncssh

from sandbox.guest import wire
from sandbox.guest.init.processes import LOGIN_SHELL
from sandbox.guest.init.specification import USER
from sandbox.guest.ssh.control import Control
from sandbox.guest.ssh.files import GuestFiles

CHUNK = 65536
LAST_LOGIN = "/var/log/lastlog.txt"
Process = asyncssh.SSHServerProcess[bytes]


class Session:
    """One exec, shell or terminal. root_files: the machine's files in the root's view."""

    def __init__(self, process: Process, control: Control, root_files: GuestFiles) -> None:
        self._process = process
        self._control = control
        self._files = root_files
        self._user = str(process.get_extra_info("username"))
        self._pid = 0
        self._terminal: int | None = None

    async def run(self) -> None:
        """Until the command has ended and all of its output is sent, or the client is gone."""
        try:
            await (self._with_terminal() if self._process.term_type is not None else self._with_pipes())
        except (wire.Disconnected, wire.Failed, BrokenPipeError, ConnectionError):
            self._process.close()

    async def _with_pipes(self) -> None:
        """Three pipes. The session ends at the end of both outputs (guest-facts.md, trap 3), as with sshd."""
        inputs, outputs, errors = os.pipe(), os.pipe(), os.pipe()
        theirs = (inputs[0], outputs[1], errors[1])
        try:
            await self._spawn(theirs, None)
        except wire.Failed:
            for descriptor in (inputs[1], outputs[0], errors[0]):
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        out = _copy_out(outputs[0], self._process.stdout)
        err = _copy_out(errors[0], self._process.stderr)
        await self._carry(self._copy_in(inputs[1]), out, err)

    async def _with_terminal(self) -> None:
        size = self._process.term_size
        if not self._process.command:
            self._process.stdout.write(self._greeting())
        (controlling,) = await self._spawn((), {"rows": size[1], "columns": size[0]})
        self._terminal = controlling
        await self._carry(self._copy_in(os.dup(controlling)), _copy_out(controlling, self._process.stdout))

    async def _spawn(self, descriptors: tuple[int, ...], terminal: dict[str, int] | None) -> list[int]:
        command = self._process.command
        argv = ["/bin/bash", "-c", command] if command else [LOGIN_SHELL]
        reply, received = await self._control.call(
            "spawn", descriptors, argv=argv, user=self._user, env=self._environment(), pty=terminal
        )
        self._pid = reply["pid"]
        return received

    async def _carry(self, inward: Any, *outward: Any) -> None:
        feeding = asyncio.create_task(inward)
        ended = asyncio.create_task(self._control.exit_of(self._pid))
        lost = asyncio.create_task(self._process.channel.wait_closed())
        carrying = asyncio.gather(*outward, ended)
        either: list[asyncio.Future[Any]] = [carrying, lost]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        feeding.cancel()
        if carrying.done() and not carrying.cancelled() and not carrying.exception():
            self._process.exit(ended.result())
        carrying.cancel()
        ended.cancel()
        lost.cancel()
        await asyncio.gather(feeding, carrying, lost, ended, return_exceptions=True)

    async def _copy_in(self, descriptor: int) -> None:
        """The client's input; signals and sizes of its window come as exceptions (trap 5)."""
        writer = await _writer(descriptor)
        try:
            while True:
                try:
                    data = await self._process.stdin.read(CHUNK)
                except asyncssh.TerminalSizeChanged as change:
                    self._resize(change.height, change.width)
                    continue
                except asyncssh.SignalReceived as received:
                    await self._signal(received.signal)
                    continue
                except asyncssh.BreakReceived:
                    continue
                if not data:
                    break
                writer.write(data)
                await writer.drain()
            if self._terminal is not None:
                writer.write(b"\x04")
                await writer.drain()
                await asyncio.Event().wait()
        except (BrokenPipeError, ConnectionError, OSError):
            pass
        finally:
            writer.close()

    def _resize(self, rows: int, columns: int) -> None:
        if self._terminal is not None:
            with suppress(OSError):
                fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    async def _signal(self, name: str) -> None:
        with suppress(KeyError, wire.Failed):
            await self._control.call("signal", pid=self._pid, number=int(Signals[f"SIG{name}"]))

    def _environment(self) -> dict[str, str]:
        peer = self._process.get_extra_info("peername")
        here = self._process.get_extra_info("sockname")
        found = {
            "SSH_CLIENT": f"{peer[0]} {peer[1]} {here[1]}",
            "SSH_CONNECTION": f"{peer[0]} {peer[1]} {here[0]} {here[1]}",
        }
        if self._process.term_type:
            found["TERM"] = self._process.term_type
        return found | dict(self._process.env)

    def _greeting(self) -> bytes:
        home = f"/home/{USER}" if self._user == USER else "/root"
        if ".hushlogin" in self._files.names(home):
            return b""
        text = self._files.read_text("/etc/motd") + self._files.read_text(LAST_LOGIN)
        peer = self._process.get_extra_info("peername")[0]
        now = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime())
        with suppress(OSError), open(self._files.outside(LAST_LOGIN), "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"Last login: {now} from {peer}\n")
        return text.replace("\n", "\r\n").encode()


async def _copy_out(descriptor: int, target: asyncssh.SSHWriter[bytes]) -> None:
    """Everything that comes out of a pipe or a terminal, to its end."""
    reader = asyncio.StreamReader(limit=CHUNK)
    protocol = asyncio.StreamReaderProtocol(reader)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(descriptor, "rb", 0))
    try:
        while data := await _read(reader):
            target.write(data)
            await target.drain()
    finally:
        transport.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(CHUNK)
    except OSError:  # EIO: the last program on the terminal has ended
        return b""


async def _writer(descriptor: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(descriptor, "wb", 0)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, pipe)
    return asyncio.StreamWriter(transport, protocol, None, loop)
