"""A verified login on a student's machine.

Neither ~/.ssh/config nor an agent takes part, and no key but the stack's host key is accepted. asyncssh is
imported where it is used: it takes longer than all of a program's registrations.
"""

from __future__ import annotations

import asyncio
import importlib
import shlex
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provider.waiting import pauses

if TYPE_CHECKING:
    import asyncssh

LOGIN_SECONDS = 10
FIRST_PAUSE = 0.1
BOOT_SECONDS = 180.0
"""From Paperspace's `ready` until a machine lets the stack in, at most."""
USER = "paperspace"


class Unreachable(Exception):
    """No login within the time allowed; the text says where and the last reason."""


class Interrupted(Unreachable):
    """The login worked, and then the machine did not answer to the end."""


@dataclass(frozen=True)
class Login:
    """Where and as whom. Keys in OpenSSH's formats."""

    host: str
    port: int
    private_key: str = field(repr=False)
    host_key: str
    user: str = USER


def get_ready() -> None:
    """Import asyncssh in the background, while the engine refreshes or the machine is made."""
    threading.Thread(target=importlib.import_module, args=("asyncssh",), daemon=True).start()


async def connect(login: Login, seconds: float = LOGIN_SECONDS) -> asyncssh.SSHClientConnection:
    """One attempt. Raises Unreachable after `seconds` at most, also where the other side stays silent."""
    import asyncssh

    try:
        return await asyncio.wait_for(open_connection(login, seconds), seconds)
    except (OSError, asyncssh.Error, TimeoutError) as failure:
        text = f"{login.user}@{login.host}:{login.port}: {reason(failure)}"
        raise Unreachable(text) from failure


async def open_connection(login: Login, seconds: float) -> asyncssh.SSHClientConnection:
    import asyncssh

    host_key = asyncssh.import_public_key(login.host_key)
    return await asyncssh.connect(
        login.host,
        login.port,
        username=login.user,
        client_keys=[asyncssh.import_private_key(login.private_key)],
        known_hosts=([host_key], [], []),
        config=[],
        agent_path=None,
        preferred_auth="publickey",
        connect_timeout=seconds,
        login_timeout=seconds,
        keepalive_interval=15,
    )


async def connect_when_ready(
    login: Login,
    seconds: float,
    progress: Callable[[str], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> asyncssh.SSHClientConnection:
    """Tries until a login succeeds: a machine that boots answers first with its own host key, then with
    the stack's. Raises Unreachable when `seconds` are over."""
    deadline = clock() + seconds
    for pause in pauses(FIRST_PAUSE):
        try:
            return await connect(login)
        except Unreachable as failure:
            left = deadline - clock()
            if left <= pause:
                text = f"{failure} (tried for {seconds:.0f} s)"
                raise Unreachable(text) from failure
            progress(f"waiting for SSH, {left:.0f} s left: {failure}")
            await sleep(pause)
    raise AssertionError(login.host)


async def run(
    connection: asyncssh.SSHClientConnection, command: str, seconds: float, text: str = ""
) -> asyncssh.SSHCompletedProcess:
    """Runs a command with `text` on its standard input. Raises Interrupted, after `seconds` at most.

    It is marked as the stack's own, so that the idle stop does not take it for a person's.
    """
    import asyncssh

    marked = f"exec env FASTAI_STACK=yes bash -c {shlex.quote(command)}"
    given = {"input": text} if text else {"stdin": asyncssh.DEVNULL}
    try:
        return await asyncio.wait_for(connection.run(marked, errors="replace", **given), seconds)
    except (OSError, asyncssh.Error, TimeoutError) as failure:
        raise Interrupted(reason(failure)) from failure


def reason(failure: Exception) -> str:
    """Why a connection failed, in one line."""
    import asyncssh

    if isinstance(failure, asyncssh.HostKeyNotVerifiable):
        return "it answers with another host key than the stack's"
    if isinstance(failure, asyncssh.PermissionDenied):
        return "it refuses the stack's key"
    return str(failure) or "no answer in time"
