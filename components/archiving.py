"""Archive and restore in one call each: log in, do it, log out. No Pulumi in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncssh

from components.archive_files import ArchiveError, ArchiveFile
from components.home_packing import HOME, Packing, pack_home
from components.home_unpacking import Restored, unpack_home
from components.ssh import Login, Unreachable, connect_when_ready
from provider.waiting import silent

LOGIN_SECONDS = 30.0

T = TypeVar("T")


class MachineSilent(ArchiveError):
    """The machine let nobody in: nothing was begun."""


def archive_home(
    login: Login,
    packing: Packing,
    progress: Callable[[str], None] = silent,
    *,
    login_seconds: float = LOGIN_SECONDS,
) -> ArchiveFile:
    """The home folder as a complete, verified archive on this computer.

    Raises MachineSilent, or ArchiveError with what failed; then nothing is left under a final name.
    """

    async def pack(connection: asyncssh.SSHClientConnection) -> ArchiveFile:
        return await pack_home(connection, packing, progress)

    return asyncio.run(logged_in(login, login_seconds, progress, pack))


def restore_home(
    login: Login,
    archive: ArchiveFile,
    progress: Callable[[str], None] = silent,
    *,
    again: bool = False,
    home: str = HOME,
    login_seconds: float = LOGIN_SECONDS,
) -> Restored:
    """The archive's files in the home folder; what differs there is moved aside, never lost.

    `again` also where the machine's marker says that it has this archive already. Raises MachineSilent,
    DamagedArchive, ArchiveError.
    """

    async def unpack(connection: asyncssh.SSHClientConnection) -> Restored:
        return await unpack_home(connection, archive, progress, home=home, again=again)

    return asyncio.run(logged_in(login, login_seconds, progress, unpack))


async def logged_in(
    login: Login,
    seconds: float,
    progress: Callable[[str], None],
    work: Callable[[asyncssh.SSHClientConnection], Awaitable[T]],
) -> T:
    """What `work` returns for a connection that is closed afterwards. Raises MachineSilent."""
    try:
        connection = await connect_when_ready(login, seconds, progress)
    except Unreachable as failure:
        raise MachineSilent(str(failure)) from failure
    try:
        return await work(connection)
    finally:
        connection.close()
