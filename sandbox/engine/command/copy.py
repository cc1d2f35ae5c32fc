"""CopyToRemote over SFTP: no sudo, no mode or owner, not atomic, nothing removed (pulumi-facts.md C1)."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any

import asyncssh

from sandbox.engine.command.dial import connect
from sandbox.engine.command.errors import RunError
from sandbox.engine.command.run_context import DEBUG, RunContext
from sandbox.engine.values import PropertyMap, reveal


async def copy(inputs: PropertyMap, directory: Path, context: RunContext) -> dict[str, str]:
    """Copy the source (a relative path starts at `directory`); return no outputs. Raises RunError."""
    values: dict[str, Any] = reveal(inputs)
    source, destination = values["source"], values["remotePath"]
    origin = "text asset" if source.get("text") else f"local file {source['path']}"
    context.log(DEBUG, f"Creating file: {values['connection']['host']}:{destination} from {origin}")
    async with connect(values["connection"], context) as connection:
        try:
            async with connection.start_sftp_client() as sftp:
                if source.get("text"):
                    await _write_text(sftp, source["text"], destination)
                else:
                    await _send(sftp, source["path"], directory, destination)
        except (OSError, asyncssh.Error) as error:
            raise RunError(str(error)) from error
    return {}


async def _write_text(sftp: asyncssh.SFTPClient, text: str, destination: str) -> None:
    if await sftp.isdir(destination):
        reason = "is a directory; when using a text asset, remotePath must be a file path"
        message = f"remote path {destination} {reason}"
        raise RunError(message)
    await sftp.makedirs(PurePosixPath(destination).parent, exist_ok=True)
    async with sftp.open(destination, "wb") as remote:
        await remote.write(text.encode())


async def _send(sftp: asyncssh.SFTPClient, source: str, directory: Path, destination: str) -> None:
    local = directory / source
    if not local.exists():
        message = f"open {source}: no such file or directory"
        raise RunError(message)
    if local.is_dir():
        await _send_directory(sftp, local, destination, contents_only=source.endswith("/"))
        return
    if await sftp.isdir(destination):
        destination = f"{destination}/{local.name}"
    else:
        await sftp.makedirs(PurePosixPath(destination).parent, exist_ok=True)
    await sftp.put(local, destination)


async def _send_directory(
    sftp: asyncssh.SFTPClient, local: Path, destination: str, *, contents_only: bool
) -> None:
    target = PurePosixPath(destination) if contents_only else PurePosixPath(destination) / local.name
    await _make_directory(sftp, PurePosixPath(destination))
    for folder, _, files in os.walk(local):
        here = target / Path(folder).relative_to(local).as_posix()
        await _make_directory(sftp, here)
        for name in sorted(files):
            await sftp.put(Path(folder, name), here / name)


async def _make_directory(sftp: asyncssh.SFTPClient, path: PurePosixPath) -> None:
    if await sftp.exists(path) and not await sftp.isdir(path):
        message = f"remote path {path} exists but is not a directory"
        raise RunError(message)
    await sftp.makedirs(path, exist_ok=True)
