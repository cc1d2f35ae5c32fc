"""Packs a machine's home folder into an archive on this computer. No Pulumi in it.

The machine's side is components/guest/pack_home.py.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Literal, cast

import asyncssh

from components import archive_files, archive_words, guest_files
from components.archive_files import PART, SUFFIX, ArchiveError, ArchiveFile, Record
from components.ssh import USER, reason
from provider.waiting import silent

HOME = f"/home/{USER}"

RECREATABLE = (
    "anaconda3",
    "miniconda3",
    "miniforge3",
    "mambaforge",
    ".conda",
    ".cache",
    ".nv",
    ".local/share/Trash",
    ".local/share/jupyter/runtime",
    "*__pycache__",
    # made by the stack itself, and not to be put on another machine
    ".local/state/fastai",
    ".ssh/authorized_keys",
    ".jupyter/notebook_token",
    ".jupyter/jupyter_notebook_config.py",
    ".jupyter/jupyter_server_config.py",
)
"""Shell patterns of paths below the home folder; * matches / too."""

FIND_PYTHON = (
    'for python in /usr/bin/python3 "$HOME/anaconda3/bin/python" "$HOME/anaconda3/envs/fastai/bin/python"; '
    "do if \"$python\" -c 'import sys; sys.exit(sys.version_info < (3, 6, 1))' 2>/dev/null; then break; fi; "
    "done"
)
"""A shell's `python`: the first that is new enough, as in components/guest/idle_common.sh."""

KEPT_ON = (
    "steps=$HOME/.local/state/fastai/steps; "
    '(umask 077; mkdir -p "$steps/archive" && : >>"$steps/archive/worker.lock") 2>/dev/null; '
    'for lock in "$steps/archive/worker.lock" "$steps/idle-stop/worker.lock"; do '
    'if [ -r "$lock" ] && exec 9<"$lock" && flock -n 9; then break; fi; '
    "done"
)
"""Holds a lock until the shell ends. The idle stop does not see what root does, but takes the lock for a step
under way (idle_sensors.steps). Where the home folder is full, or another archive has the first one, it is the
lock of the step that installed the idle stop; where there is neither, the packing goes on without. Not a
shared lock: the sensor would share it."""

FIRST_BYTE_SECONDS = 600.0
"""The machine walks through the home folder before it sends anything."""
SILENCE_SECONDS = 60.0
CHUNK = 1 << 18
ERROR_CHARACTERS = 4000
SECONDS_BETWEEN_REPORTS = 5.0


@dataclass(frozen=True)
class Packing:
    """What to pack and where to. `exclude`: patterns as in RECREATABLE, beside those."""

    stack: str
    machine_id: str
    directory: str
    exclude: Sequence[str] = ()
    limit_gb: float = 20
    home: str = HOME


async def pack_home(
    connection: asyncssh.SSHClientConnection, packing: Packing, progress: Callable[[str], None] = silent
) -> ArchiveFile:
    """The archive, complete and verified. Raises ArchiveError; then nothing is left under a final name."""
    path = new_path(packing)
    try:
        with part_file(path, packing.machine_id) as part:
            sha256 = await receive(connection, packing, part, progress)
            progress("checking the archive")
            record = await asyncio.to_thread(checked, Path(part.name), packing, sha256)
            complete(part, path, record)
    except (OSError, asyncssh.Error) as failure:
        text = f"the archive {path} could not be made: {told(failure)}"
        raise ArchiveError(text) from failure
    return ArchiveFile(path, record)


def told(failure: OSError | asyncssh.Error) -> str:
    if isinstance(failure, TimeoutError):
        return f"the machine sent nothing for {SILENCE_SECONDS:.0f} s"
    if isinstance(failure, OSError) and failure.strerror:
        return f"{failure.strerror}{f' ({failure.filename})' if failure.filename else ''}"
    return f"the connection broke ({reason(failure)})"


def new_path(packing: Packing) -> Path:
    """A name that no archive has yet."""
    folder = archive_files.folder_of(packing.directory, packing.stack)
    moment = datetime.now(UTC)
    while True:
        path = folder / f"{moment:%Y%m%dT%H%M%SZ}-{packing.machine_id}{SUFFIX}"
        if not path.exists():
            return path
        moment += timedelta(seconds=1)


@contextmanager
def part_file(path: Path, machine_id: str) -> Iterator[BinaryIO]:
    """A new file beside `path` that only its owner can read, locked while it is written; gone after a
    failure. Removes what an interrupted run left of the same machine."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_leftovers(path.parent, machine_id)
    part = path.with_name(path.name + PART)
    with private(part, "xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield file
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def private(path: Path, mode: Literal["xb", "wb"]) -> BinaryIO:
    """Opens a file for writing that no other user can read at any moment."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NOFOLLOW, 0o600)

    return cast(BinaryIO, open(path, mode, opener=opener))


def remove_leftovers(folder: Path, machine_id: str) -> None:
    """Parts that no living run has locked."""
    for left in folder.glob(f"*-{machine_id}{SUFFIX}{PART}"):
        with left.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            left.unlink(missing_ok=True)


async def receive(
    connection: asyncssh.SSHClientConnection,
    packing: Packing,
    part: BinaryIO,
    progress: Callable[[str], None],
) -> str:
    """Writes what the machine packs and returns its SHA-256. Raises ArchiveError, OSError, asyncssh.Error."""
    process = await connection.create_process(command(packing), encoding=None)
    process.stdin.write(guest_files.read("pack_home.py").encode())
    process.stdin.write_eof()
    digest, size, told_at, patience = hashlib.sha256(), 0, 0.0, FIRST_BYTE_SECONDS
    clock = asyncio.get_running_loop().time
    while data := await asyncio.wait_for(process.stdout.read(CHUNK), patience):
        part.write(data)
        digest.update(data)
        size, patience = size + len(data), SILENCE_SECONDS
        if clock() - told_at > SECONDS_BETWEEN_REPORTS:
            told_at = clock()
            progress(f"archiving the home folder: {archive_words.size(size)} received")
    await end_of(process)
    part.flush()
    return digest.hexdigest()


async def end_of(process: asyncssh.SSHClientProcess[bytes]) -> None:
    """Raises ArchiveError with the machine's own words unless the process ended well."""
    said = await asyncio.wait_for(process.stderr.read(), SILENCE_SECONDS)
    await asyncio.wait_for(process.wait_closed(), SILENCE_SECONDS)
    if process.exit_status is None:
        text = "the connection broke before the end"
        raise ArchiveError(text)
    if process.exit_status != 0:
        text = said.decode(errors="replace").strip()[-ERROR_CHARACTERS:]
        raise ArchiveError(text or f"the machine's program ended with status {process.exit_status}")


def command(packing: Packing) -> str:
    """Reads the program on standard input. As root where that needs no password: the student's home may hold
    files that only root can read."""
    wanted = {
        "home": packing.home,
        "exclude": [*RECREATABLE, *packing.exclude],
        "limit": int(packing.limit_gb * 1e9),
    }
    program = f'env LC_ALL=C.UTF-8 "$python" - {shlex.quote(json.dumps(wanted))}'
    packed = f"if sudo -n true 2>/dev/null; then sudo -n {program}; else {program}; fi"
    return f"{FIND_PYTHON}; {KEPT_ON}; {packed}; exit $?"  # no exec: sudo closes what the shell holds


def checked(part: Path, packing: Packing, sha256: str) -> Record:
    """The record of a part that was read through again. Raises DamagedArchive."""
    manifest = archive_files.verify(part)
    if archive_files.sha256_of(part) != sha256:
        text = f"{part} is not what the machine sent; is this computer's disk in order?"
        raise archive_files.DamagedArchive(text)
    return Record(
        packing.stack,
        packing.machine_id,
        datetime.now(UTC).isoformat(timespec="seconds"),
        len(manifest.files),
        manifest.bytes,
        sha256,
        manifest.changed,
        manifest.skipped,
    )


def complete(part: BinaryIO, path: Path, record: Record) -> None:
    """Gives the part its name, last of all: what has the name is complete and has its record."""
    os.fsync(part.fileno())
    beside = archive_files.record_path(path)
    with private(beside, "wb") as file:
        file.write(archive_files.record_text(record).encode())
        file.flush()
        os.fsync(file.fileno())
    Path(part.name).rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
