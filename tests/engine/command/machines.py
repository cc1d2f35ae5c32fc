"""Machines to run commands on: an SSH server inside the test process, or a stock OpenSSH server."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from tests.ports import closed_port, free_port

CUT = "kill -9 $PPID"  # on OpenSSH this kills the session's own server process


@dataclass
class Machine:
    """Where the server is, and keys that it accepts (`key`) and does not (`stranger`)."""

    port: int
    user: str
    home: Path
    host_key: str
    key: str = ""
    stranger: str = ""
    encrypted_key: str = ""
    closed_port: int = 0

    def connection(self, **other: Any) -> dict[str, Any]:
        """A connection input as Check leaves it, with few dials."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": self.user,
            "privateKey": self.key,
            "dialErrorLimit": 2,
            "perDialTimeout": 5,
            **other,
        }

    def without_local_facts(self, text: str) -> str:
        """Make a text comparable with one from another machine."""
        for word, name in (
            (str(self.home), "HOME"),
            (str(self.port), "PORT"),
            (str(self.closed_port), "CLOSED"),
        ):
            text = text.replace(word, name)
        return text


def _keys(home: Path) -> dict[str, Any]:
    key, stranger = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    old_style = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    accepted = key.export_public_key() + old_style.export_public_key()
    (home / "authorized_keys").write_bytes(accepted)
    (home / "authorized_keys").chmod(0o600)
    return {
        "key": key.export_private_key().decode(),
        "stranger": stranger.export_private_key().decode(),
        "encrypted_key": old_style.export_private_key("pkcs1-pem", passphrase="open sesame").decode(),
    }


async def _run(process: asyncssh.SSHServerProcess[bytes], home: Path) -> None:
    if process.command == CUT:
        process.channel.get_connection().abort()  # type: ignore[attr-defined]
        return
    child = await asyncio.create_subprocess_exec(
        "bash", "-c", process.command or "", cwd=home, env={**os.environ, **process.env, "HOME": str(home)},
        stdin=-1, stdout=-1, stderr=-1,
    )  # fmt: skip
    try:
        await _serve(process, child)
    except (asyncssh.Error, OSError):
        pass  # the client has gone
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _serve(process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process) -> None:
    assert child.stdin
    child.stdin.write(await process.stdin.read())
    child.stdin.close()
    await asyncio.gather(_pump(child.stdout, process.stdout), _pump(child.stderr, process.stderr))
    code = await child.wait()
    if code < 0:
        process.exit_with_signal("KILL" if code == -9 else "TERM")
    else:
        process.exit(code)


async def _pump(source: asyncio.StreamReader | None, target: asyncssh.SSHWriter[bytes]) -> None:
    assert source
    while data := await source.read(65_536):
        target.write(data)
        await target.drain()


class _Server(asyncssh.SSHServer):
    def connection_requested(self, *address: Any) -> bool:
        """Serve as a proxy too, as a stock sshd does."""
        return True


@contextmanager
def in_process(home: Path) -> Iterator[Machine]:
    """An asyncssh server whose commands run in bash, in `home`."""
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    keys = _keys(home)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> Any:
        return await asyncssh.create_server(
            _Server, "127.0.0.1", 0, server_host_keys=[host_key], encoding=None,
            authorized_client_keys=str(home / "authorized_keys"), sftp_factory=True,
            process_factory=lambda process: _run(process, home),
        )  # fmt: skip

    async def stop() -> None:
        server.close()
        await server.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result()
    public = host_key.export_public_key().decode().strip()
    try:
        with closed_port() as closed:
            yield Machine(server.get_port(), "student", home, public, closed_port=closed, **keys)
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def openssh(home: Path) -> Iterator[Machine]:
    """Stock sshd, on a free port, for the user who runs the tests."""
    keys = _keys(home)
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    (home / "host_key").write_bytes(host_key.export_private_key())
    (home / "host_key").chmod(0o600)
    port, user = free_port(), pwd.getpwuid(os.getuid()).pw_name
    lines = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": home / "host_key",
        "AuthorizedKeysFile": home / "authorized_keys",
        "PidFile": "none",
        "StrictModes": "no",
        "AcceptEnv": "LANG LC_*",
        "UsePAM": "no",
        "Subsystem": "sftp internal-sftp",
    }
    (home / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in lines.items()))
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin")
    assert sshd, "install openssh-server"
    server = subprocess.Popen([sshd, "-D", "-f", str(home / "sshd_config")], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        public = host_key.export_public_key().decode().strip()
        with closed_port() as closed:
            yield Machine(port, user, home, public, closed_port=closed, **keys)
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(500):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        threading.Event().wait(0.01)
    message = f"sshd does not listen on {port}"
    raise RuntimeError(message)


@contextmanager
def silent() -> Iterator[int]:
    """A host that accepts TCP and never says a word; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
