"""Logins, sessions and port forwarding of one machine's SSH server."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass, field

import asyncssh
from asyncssh.channel import SSHChannel
from asyncssh.forward import SSHForwarder

from sandbox.guest import passwords, wire
from sandbox.guest.init.specification import USER
from sandbox.guest.ssh import host_key, settings
from sandbox.guest.ssh.channel import GuestChannel
from sandbox.guest.ssh.control import Control
from sandbox.guest.ssh.files import GuestFiles
from sandbox.guest.ssh.session import Session
from sandbox.guest.ssh.sftp import GuestSFTP

HOMES = {USER: f"/home/{USER}", "root": "/root"}
VERSION = "OpenSSH_7.2p2"


@dataclass
class Sshd:
    """One machine's server: its line inside, its files in both views, its settings."""

    control: Control
    root_files: GuestFiles
    user_files: GuestFiles
    settings: settings.Settings = field(default_factory=settings.Settings)
    connections: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    acceptor: asyncssh.SSHAcceptor | None = None

    async def listen(self, address: str, port: int) -> int:
        """Listen with the host key and the settings on disk; returns the port. Raises OSError."""
        self.settings = settings.read(self.root_files)
        self.acceptor = await asyncssh.create_server(
            lambda: _Connection(self),
            address,
            port,
            server_host_keys=[host_key.load(self.root_files)],
            server_version=VERSION,
            encoding=None,
            agent_forwarding=False,
            x11_forwarding=False,
            keepalive_interval=0,
            login_timeout=60,
            reuse_address=True,
        )
        return int(self.acceptor.get_port())

    def restart(self) -> None:
        """Take the host key and the settings from disk for new connections; those that are open stay."""
        self.settings = settings.read(self.root_files)
        if self.acceptor:
            self.acceptor.update(server_host_keys=[host_key.load(self.root_files)])

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self.acceptor:
            self.acceptor.close()
        for connection in list(self.connections):
            connection.abort()
        for connection in list(self.connections):
            with suppress(TimeoutError, OSError, asyncssh.Error):
                await asyncio.wait_for(connection.wait_closed(), 2)
        if self.acceptor:
            await self.acceptor.wait_closed()


class _Connection(asyncssh.SSHServer):
    def __init__(self, sshd: Sshd) -> None:
        self._sshd = sshd
        self._user = ""
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._sshd.connections.add(conn)

    def connection_lost(self, _: Exception | None) -> None:
        if self._connection:
            self._sshd.connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        self._user = username
        return True

    def password_auth_supported(self) -> bool:
        return self._sshd.settings.allows_password(self._user)

    async def validate_password(self, username: str, password: str) -> bool:
        """Check against the machine's /etc/shadow as it is now."""
        if username not in HOMES or not self._sshd.settings.allows_password(username):
            return False
        shadow = passwords.field_of(self._sshd.root_files.read_text("/etc/shadow"), username)
        return await asyncio.to_thread(passwords.matches, password, shadow)

    def public_key_auth_supported(self) -> bool:
        return self._sshd.settings.allows_key(self._user)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Check against authorized_keys as it is now; a line that cannot be read is skipped."""
        if username not in HOMES or not self._sshd.settings.allows_key(username):
            return False
        wanted = key.public_data
        for line in self._sshd.root_files.read_text(f"{HOMES[username]}/.ssh/authorized_keys").splitlines():
            if _names(line, wanted):
                return True
        return False

    def session_requested(self) -> tuple[GuestChannel, asyncssh.SSHServerSession[bytes]]:
        assert self._connection
        sshd = self._sshd
        home = HOMES[self._user]
        files = sshd.user_files if self._user == USER else sshd.root_files

        def sftp(channel: SSHChannel[bytes]) -> GuestSFTP:
            return GuestSFTP(channel, files, home)

        async def run(process: asyncssh.SSHServerProcess[bytes]) -> None:
            await Session(process, sshd.control, sshd.root_files).run()

        session = asyncssh.SSHServerProcess[bytes](run, sftp, 3, True)
        return GuestChannel(self._connection), session

    async def connection_requested(  # type: ignore[override]
        self, dest_host: str, dest_port: int, *_: object
    ) -> SSHForwarder:
        """`ssh -L` and `-W`: a connection inside the machine."""
        try:
            reply = await self._sshd.control.call("connect", host=dest_host, port=dest_port)
        except (wire.Failed, wire.Disconnected) as error:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, str(error) or "stopped") from None
        (descriptor,) = reply[1]
        inside = socket.socket(fileno=descriptor)
        inside.setblocking(False)
        connected = await asyncio.get_running_loop().create_connection(SSHForwarder, sock=inside)
        return SSHForwarder(connected[1])


def _names(line: str, wanted: bytes) -> bool:
    """Whether a line of authorized_keys holds this key."""
    stripped = line.strip()
    if not stripped or stripped.startswith("#"):
        return False
    words = stripped.split()
    for number in range(len(words) - 1):
        with suppress(asyncssh.KeyImportError):
            if asyncssh.import_public_key(" ".join(words[number : number + 2])).public_data == wanted:
                return True
    return False
