"""Puts an archive on this computer back into a machine's home folder. No Pulumi in it.

The machine's side is components/guest/unpack_home.py.
"""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncssh

from components import archive_files, archive_words, guest_files
from components.archive_files import ArchiveError, ArchiveFile, Record
from components.home_packing import (
    CHUNK,
    FIND_PYTHON,
    HOME,
    SECONDS_BETWEEN_REPORTS,
    SILENCE_SECONDS,
    end_of,
    told,
)
from components.ssh import run
from provider.waiting import silent

UNPACKING_SECONDS = 600.0
"""After the last byte the machine checks and moves what it got."""
MARKER = "cat ~/.local/state/fastai/restored 2>/dev/null || true"
MARKER_SECONDS = 20.0


@dataclass(frozen=True)
class Restored:
    """`aside`: the folder below the home with what stood in the way, None where nothing did. `is_new` is
    False where this machine had this archive already: then nothing was done."""

    record: Record
    aside: str | None = None
    moved_aside: tuple[str, ...] = ()
    is_new: bool = True


async def unpack_home(
    connection: asyncssh.SSHClientConnection,
    archive: ArchiveFile,
    progress: Callable[[str], None] = silent,
    *,
    home: str = HOME,
    again: bool = False,
) -> Restored:
    """Checks, sends and unpacks; once a machine and archive, unless `again`. Raises ArchiveError, and then
    the home folder is as it was, or what is missing is put in place by the next run."""
    record = await asyncio.to_thread(archive_files.check, archive)
    try:
        marker = await run(connection, MARKER, MARKER_SECONDS)
        if str(marker.stdout).strip() == record.sha256 and not again:
            return Restored(record, is_new=False)
        answer = await send(connection, archive.path, command(record, home), progress)
        told_back = json.loads(answer.splitlines()[-1])
        return Restored(record, told_back["aside"], tuple(told_back["moved_aside"]))
    except (OSError, asyncssh.Error, ValueError, IndexError, KeyError) as failure:
        why = told(failure) if isinstance(failure, (OSError, asyncssh.Error)) else f"it said {failure}"
        text = f"{archive.path} could not be put on the machine: {why}"
        raise ArchiveError(text) from failure


async def send(
    connection: asyncssh.SSHClientConnection, path: Path, command: str, progress: Callable[[str], None]
) -> str:
    """Program and archive on standard input; what the machine prints. Raises ArchiveError, OSError."""
    process = await connection.create_process(command, encoding=None)
    process.stdin.write(guest_files.read("unpack_home.py").encode())
    size, sent, told_at = path.stat().st_size, 0, 0.0
    clock = asyncio.get_running_loop().time
    try:
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                process.stdin.write(data)
                await asyncio.wait_for(process.stdin.drain(), SILENCE_SECONDS)
                sent += len(data)
                if clock() - told_at > SECONDS_BETWEEN_REPORTS:
                    told_at = clock()
                    share = f"{archive_words.size(sent)} of {archive_words.size(size)}"
                    progress(f"restoring the home folder: {share} sent")
        process.stdin.write_eof()
    except BrokenPipeError:
        pass  # it ended before it had read everything, and says why
    answer: bytes = await asyncio.wait_for(process.stdout.read(), UNPACKING_SECONDS)
    await end_of(process)
    return answer.decode(errors="replace")


def command(record: Record, home: str) -> str:
    """Takes the program from the first bytes of standard input and leaves it the rest.

    As the student and not marked as the stack's own: the idle stop sees it by what it reads and writes.
    """
    length = len(guest_files.read("unpack_home.py").encode())
    wanted = {
        "home": home,
        "bytes": record.bytes,
        "sha256": record.sha256,
        "now": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}",
    }
    bootstrap = shlex.quote(f"import sys; exec(sys.stdin.buffer.read({length}))")
    program = f'env LC_ALL=C.UTF-8 "$python" -c {bootstrap} {shlex.quote(json.dumps(wanted))}'
    return f"{FIND_PYTHON}; exec {program}"
