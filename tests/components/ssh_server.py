"""A real SSH server on loopback whose commands are real bash in a GuestHome."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

import asyncssh

from components.ssh import Login
from tests.components.guest import GuestHome


class _Server(asyncssh.SSHServer):
    def __init__(self, owner: SshServer) -> None:
        self.owner = owner

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.owner.connections += 1

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        allowed = self.owner.guest.home / ".ssh" / "authorized_keys"
        line = key.export_public_key().decode().split()[1]
        return username == "paperspace" and allowed.exists() and line in allowed.read_text()

    def connection_requested(self, dest_host: str, *_: Any) -> bool:
        return dest_host == "localhost"


class SshServer:
    """Serves `guest` on `host`:`port` until it is left. `connections` counts; `host_key` is a private key."""

    def __init__(self, guest: GuestHome, host_key: str, host: str = "127.0.0.1", port: int = 0) -> None:
        self.guest, self.host_key, self.host, self.port = guest, host_key, host, port
        self.connections = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.acceptor: asyncssh.SSHAcceptor | None = None

    def __enter__(self) -> Self:
        self.thread.start()
        self.call(self.listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call(self.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def call(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    async def listen(self) -> None:
        self.acceptor = await asyncssh.create_server(
            lambda: _Server(self),
            self.host,
            self.port,
            server_host_keys=[asyncssh.import_private_key(self.host_key)],
            process_factory=self.serve,
            encoding=None,
            agent_forwarding=False,
        )
        self.port = self.acceptor.get_port()

    async def close(self) -> None:
        if self.acceptor:
            self.acceptor.close()
            await self.acceptor.wait_closed()
            self.acceptor = None
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        shell = await asyncio.create_subprocess_exec(
            "bash",
            "-c",
            process.command or "",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.guest.environment(),
            cwd=self.guest.home,
            start_new_session=True,
        )
        try:
            output, errors = await shell.communicate(await process.stdin.read())
        finally:
            await end(shell)
        process.stdout.write(output)
        process.stderr.write(errors)
        process.exit(shell.returncode or 0)

    def login(self, private_key: str) -> Login:
        """How the stack logs in, with this server's own host key pinned."""
        public = asyncssh.import_private_key(self.host_key).export_public_key().decode()
        return Login(self.host, self.port, private_key, public)


async def end(shell: asyncio.subprocess.Process) -> None:
    """Kills it with all that it started, where it has not ended; the loop must outlive it."""
    if shell.returncode is None:
        os.killpg(shell.pid, signal.SIGKILL)
        await shell.wait()
