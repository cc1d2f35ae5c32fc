"""The way into a machine's network namespace, which has a loopback and nothing else.

Inside, the machine and its visitor have addresses of their own on that loopback: programs that tell a login
from a forward by its addresses see what they would see on a real machine. Nothing can leave it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from sandbox.guest.init import kernel

MACHINE = "10.0.0.2"
VISITOR = "198.51.100.7"
SSH = 22
CONNECT_SECONDS = 5.0


class Network:
    """The namespace of the process `leader`, entered by one thread that does nothing else."""

    def __init__(self, leader: int) -> None:
        self._leader = leader
        self._inside = ThreadPoolExecutor(1, f"network-{leader}", self._enter)

    def add_addresses(self) -> None:
        """Raises subprocess.CalledProcessError."""
        for address in (MACHINE, VISITOR):
            entering = ["nsenter", f"--target={self._leader}", "--mount", "--net"]
            command = [*entering, "ip", "address", "add", f"{address}/32", "dev", "lo"]
            subprocess.run(command, check=True, capture_output=True)

    async def connect(self, port: int = SSH) -> socket.socket:
        """A connection of the visitor's to the machine, made inside and not blocking. Raises OSError."""
        return await asyncio.get_running_loop().run_in_executor(self._inside, self._connected, port)

    def close(self) -> None:
        self._inside.shutdown(wait=False)

    def _enter(self) -> None:
        namespace = os.open(f"/proc/{self._leader}/ns/net", os.O_RDONLY)
        kernel.setns(namespace, kernel.NEWNET)
        os.close(namespace)

    @staticmethod
    def _connected(port: int) -> socket.socket:
        end = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            end.settimeout(CONNECT_SECONDS)
            end.bind((VISITOR, 0))
            end.connect((MACHINE, port))
            end.setblocking(False)
        except BaseException:
            end.close()
            raise
        return end


class Forwarder:
    """Listens on the computer's loopback and carries each connection to the machine's SSH server."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    async def listen(self, address: str, port: int) -> int:
        """The port. Raises OSError (address in use)."""
        self._server = await asyncio.start_server(self._accepted, address, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)
        self._network.close()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        try:
            inside = await self._network.connect()
            reader_inside, writer_inside = await asyncio.open_connection(sock=inside)
        except OSError:
            writer.transport.abort()  # sshd is not there: as near to "refused" as an accepted connection gets
            return
        except asyncio.CancelledError:
            writer.transport.abort()
            return
        await _both_ways((reader, writer), (reader_inside, writer_inside))


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _both_ways(outside: Stream, inside: Stream) -> None:
    """Until both ends have said all, or one is lost."""
    try:
        await asyncio.gather(_carry(outside[0], inside[1]), _carry(inside[0], outside[1]))
    except (OSError, asyncio.CancelledError):
        pass
    finally:
        for writer in (outside[1], inside[1]):
            writer.transport.abort() if writer.is_closing() else writer.close()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    with suppress(OSError):
        target.write_eof()
