"""Archives of home folders on this computer: where they lie, what is beside them, whether they are whole.

An archive is `<directory>/<stack>/<time>-<machine id>.tar.gz`, readable by its owner only, with a record of
the same name and `.json`. It is complete as soon as it has its name: until then it ends in `.part`.
Its content is described by components/guest/pack_home.py.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from components.settings import LATEST

SUFFIX = ".tar.gz"
PART = ".part"
CHUNK = 1 << 20


class ArchiveError(Exception):
    """What could not be done with an archive and why, for a person."""


class DamagedArchive(ArchiveError):
    """The file is not what was packed."""


class NoArchive(ArchiveError):
    """There is no such archive; the text says which there are."""


@dataclass(frozen=True)
class Record:
    """What an archive holds. `date`: ISO 8601, UTC. `count` and `bytes`: of files, unpacked. `sha256`: of
    the archive itself. `changed`: files that were written to while they were packed. `skipped`: entries that
    are not in it, with the reason."""

    stack: str
    machine_id: str
    date: str
    count: int
    bytes: int
    sha256: str
    changed: tuple[str, ...] = ()
    skipped: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ArchiveFile:
    """A complete archive; `record` is None where the file beside it is missing or unreadable."""

    path: Path
    record: Record | None = None

    @property
    def machine_id(self) -> str:
        return self.path.name.removesuffix(SUFFIX).partition("-")[2]


@dataclass(frozen=True)
class Manifest:
    """The manifest inside an archive: `files` are (path below home, bytes, sha256)."""

    files: tuple[tuple[str, int, str], ...]
    links: tuple[tuple[str, str], ...]
    folders: tuple[str, ...]
    changed: tuple[str, ...]
    skipped: dict[str, str]

    @property
    def bytes(self) -> int:
        return sum(size for _, size, _ in self.files)


def folder_of(directory: str | Path, stack: str) -> Path:
    """Where the archives of a stack lie; ~ is the home of who runs this."""
    return Path(directory).expanduser().absolute() / stack


def record_path(archive: Path) -> Path:
    return archive.with_name(archive.name.removesuffix(SUFFIX) + ".json")


def list_archives(directory: str | Path, stack: str) -> list[ArchiveFile]:
    """The complete archives of a stack, oldest first."""
    paths = sorted(folder_of(directory, stack).glob(f"*{SUFFIX}"), key=lambda path: path.name)
    return [ArchiveFile(path, read_record(path)) for path in paths]


def find_archive(wanted: str, directory: str | Path, stack: str) -> ArchiveFile:
    """The archive that `wanted` names: a path, or "latest" of the stack's. Raises NoArchive."""
    if wanted != LATEST:
        path = Path(wanted).expanduser().absolute()
        if path.is_file():
            return ArchiveFile(path, read_record(path))
        there = ", ".join(str(archive.path) for archive in list_archives(directory, stack)) or "none"
        text = f"there is no archive {path}; of stack {stack} there are: {there}"
        raise NoArchive(text)
    archives = list_archives(directory, stack)
    if not archives:
        text = f"there is no archive of stack {stack} in {folder_of(directory, stack)}"
        raise NoArchive(text)
    return archives[-1]


def read_record(archive: Path) -> Record | None:
    """The record beside an archive, or None where it is missing or not readable as one."""
    try:
        fields: dict[str, Any] = json.loads(record_path(archive).read_text(encoding="utf-8"))
        return Record(**{**fields, "changed": tuple(fields["changed"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def record_text(record: Record) -> str:
    return json.dumps(asdict(record), indent=2) + "\n"


def check(archive: ArchiveFile) -> Record:
    """Reads the archive through and compares it with its record. Raises DamagedArchive.

    Without a record it is compared with its own manifest, and the record is made from that.
    """
    found = sha256_of(archive.path)
    if archive.record is None:
        manifest = verify(archive.path)
        return Record("", archive.machine_id, "", len(manifest.files), manifest.bytes, found)
    if found != archive.record.sha256:
        text = f"{archive.path} is damaged: its sha256 is {found}, it was {archive.record.sha256}"
        raise DamagedArchive(text)
    return archive.record


def verify(path: Path) -> Manifest:
    """Reads every file of the archive and compares count, bytes and sha256 with the manifest in it.

    Raises DamagedArchive.
    """
    try:
        with gzip.open(path) as stream:
            found, manifest = contents(stream)
    except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError, KeyError) as failure:
        text = f"{path} is damaged: {failure}"
        raise DamagedArchive(text) from failure
    if manifest is None or found != (manifest.files, manifest.links, manifest.folders):
        text = f"{path} is damaged: {difference(found[0], manifest)}"
        raise DamagedArchive(text)
    return manifest


Found = tuple[tuple[tuple[str, int, str], ...], tuple[tuple[str, str], ...], tuple[str, ...]]


def contents(stream: gzip.GzipFile) -> tuple[Found, Manifest | None]:
    """(files, links, folders) as they are, and the manifest if there is one. Reads to the very end, where
    gzip's own sum is."""
    files, links, folders, manifest = [], [], [], None
    with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as tar:
        for member in tar:
            path = member.name.removeprefix("home/")
            if member.name == "manifest.json":
                manifest = manifest_of(b"".join(chunks(tar.extractfile(member))))
            elif member.isdir():
                folders.append(path)
            elif member.issym():
                links.append((path, member.linkname))
            else:
                files.append((path, member.size, digest_of(chunks(tar.extractfile(member)))))
    while stream.read(CHUNK):
        pass
    return (tuple(files), tuple(links), tuple(folders)), manifest


def manifest_of(text: bytes) -> Manifest:
    fields = json.loads(text)
    return Manifest(
        tuple((path, size, digest) for path, size, digest in fields["files"]),
        tuple((path, target) for path, target in fields["links"]),
        tuple(fields["folders"]),
        tuple(fields["changed"]),
        dict(fields["skipped"]),
    )


def difference(files: tuple[tuple[str, int, str], ...], manifest: Manifest | None) -> str:
    if manifest is None:
        return "it ends before its manifest"
    wrong = sorted({path for path, _, _ in set(files) ^ set(manifest.files)})
    return f"it differs from its manifest at {', '.join(wrong[:3]) or 'a folder or link'}"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return digest_of(chunks(file))


def digest_of(parts: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def chunks(file: IO[bytes] | None) -> Iterator[bytes]:
    while file and (part := file.read(CHUNK)):
        yield part
