# ruff: noqa: UP006, UP035 - the machine's Python may be 3.6
"""Packs the work set of a home folder to standard output: a gzipped tar, its last member a manifest.

argv[1] is JSON: {"home", "exclude": [shell patterns of paths below home; * matches / too], "limit": bytes}.
Members are home/<path>; symbolic links stay links and are never followed. The manifest is made from the bytes
that were packed: {"files": [[path, bytes, sha256]], "links": [[path, target]], "folders": [path],
"skipped": {path: why}, "changed": [paths of files that changed while they were read]}.
Exit status 3: refused; the text on standard error says why.
"""

import errno
import fnmatch
import gzip
import hashlib
import io
import json
import os
import stat
import sys
import tarfile
from pathlib import Path
from typing import IO, Any, Callable, Dict, List, Tuple

REFUSED = 3
SMALL = 16 * 1024 * 1024
TRIES = 3


class Refused(Exception):
    """What cannot be packed, in words for the person at the other end."""


class Reader:
    """Hands a file on to tarfile: exactly `size` bytes, hashed; zeros where the file has become shorter."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file = file
        self.left = size
        self.digest = hashlib.sha256()
        self.is_short = False

    def read(self, size: int) -> bytes:
        wanted = min(size, self.left)
        data = self.file.read(wanted)
        if len(data) < wanted:
            self.is_short = True
            data += bytes(wanted - len(data))
        self.left -= len(data)
        self.digest.update(data)
        return data


class WorkSet:
    """The entries of `home` that no pattern excludes, as paths below it."""

    def __init__(self, home: Path, exclude: List[str]) -> None:
        self.home = home
        self.device = home.stat().st_dev
        self.exclude = exclude
        self.links: List[str] = []
        self.folders: List[str] = []
        self.sizes: Dict[str, int] = {}
        self.skipped: Dict[str, str] = {}

    def walk(self) -> None:
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            for name in self.names(folder):
                path = f"{folder}/{name}" if folder else name
                if not any(fnmatch.fnmatchcase(path, pattern) for pattern in self.exclude):
                    self.sort_in(path, waiting)

    def names(self, folder: str) -> List[str]:
        try:
            return sorted(os.listdir(str(self.home / folder)))  # noqa: PTH208 - names, not paths
        except FileNotFoundError:
            return []

    def sort_in(self, path: str, waiting: List[str]) -> None:
        try:
            status = (self.home / path).lstat()
        except FileNotFoundError:
            return
        if stat.S_ISLNK(status.st_mode):
            self.links.append(path)
        elif stat.S_ISREG(status.st_mode):
            self.sizes[path] = status.st_size
        elif not stat.S_ISDIR(status.st_mode):
            self.skipped[path] = "no regular file (socket, pipe or device)"
        elif status.st_dev != self.device:
            self.skipped[path] = "another file system is mounted there"
        else:
            self.folders.append(path)
            waiting.append(path)

    def refuse_above(self, limit: int) -> None:
        total = sum(self.sizes.values())
        if total > limit:
            text = (
                f"what is to be archived is {in_words(total)} in {len(self.sizes)} files, the limit is "
                f"{in_words(limit)}. The largest folders: {self.largest_folders()}. Raise archive_limit_gb "
                "or leave folders out with archive_exclude; run up with that, then try again"
            )
            raise Refused(text)

    def largest_folders(self) -> str:
        totals: Dict[str, int] = {}
        for path, size in self.sizes.items():
            folder = "/".join(path.split("/")[:-1][:2]) or "(the home folder itself)"
            totals[folder] = totals.get(folder, 0) + size
        largest = sorted(totals.items(), key=lambda entry: -entry[1])[:5]
        return ", ".join(f"{folder} {in_words(size)}" for folder, size in largest)


def in_words(size: int) -> str:
    """As components/archive_words.py does, which is not on the machine."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1e3:.0f} kB"


class Packer:
    """Writes a work set to a tar and keeps the manifest."""

    def __init__(self, work_set: WorkSet, tar: tarfile.TarFile) -> None:
        self.work_set = work_set
        self.tar = tar
        self.manifest: Dict[str, Any] = {
            "files": [],
            "links": [],
            "folders": [],
            "changed": [],
            "skipped": work_set.skipped,
        }

    def pack(self) -> None:
        for path in self.work_set.folders:
            self.attempt(self.add_folder, path)
        for path in self.work_set.sizes:
            self.attempt(self.add_file, path)
        for path in self.work_set.links:
            self.attempt(self.add_link, path)
        self.add_manifest()

    def attempt(self, add: Callable[[str, Path], None], path: str) -> None:
        """What goes away meanwhile, its owner deleted; what cannot be read must not be left out silently."""
        try:
            add(path, self.work_set.home / path)
        except FileNotFoundError:
            self.work_set.skipped[path] = "deleted while the archive was made"
        except OSError as failure:
            if failure.errno != errno.ELOOP:
                text = f"{path} cannot be read: {failure.strerror}"
                raise Refused(text) from failure
            self.work_set.skipped[path] = "became a link while the archive was made"

    def add_folder(self, path: str, full: Path) -> None:
        info = entry(path, full.lstat())
        info.type, info.mode = tarfile.DIRTYPE, info.mode | 0o700
        self.tar.addfile(info)
        self.manifest["folders"].append(path)

    def add_link(self, path: str, full: Path) -> None:
        target = os.readlink(str(full))  # noqa: PTH115 - not in Python 3.6
        info = entry(path, full.lstat())
        info.type, info.linkname = tarfile.SYMTYPE, target
        self.tar.addfile(info)
        self.manifest["links"].append([path, target])

    def add_file(self, path: str, full: Path) -> None:
        descriptor = os.open(str(full), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            before, source = read_while_still(file)
            info = entry(path, before)
            info.size = before.st_size
            reader = Reader(source, info.size)
            self.tar.addfile(info, reader)  # type: ignore[arg-type]
            after = os.fstat(descriptor)
        self.manifest["files"].append([path, info.size, reader.digest.hexdigest()])
        if reader.is_short or moment(before) != moment(after):
            self.manifest["changed"].append(path)

    def add_manifest(self) -> None:
        data = json.dumps(self.manifest).encode("ascii")
        info = tarfile.TarInfo("manifest.json")
        info.size, info.mode = len(data), 0o600
        self.tar.addfile(info, io.BytesIO(data))


def read_while_still(file: IO[bytes]) -> Tuple[os.stat_result, IO[bytes]]:
    """A small file as it was at a moment when nobody wrote, or at the last moment after some tries; a large
    one is read as it comes."""
    before = os.fstat(file.fileno())
    if before.st_size > SMALL:
        return before, file
    for _ in range(TRIES):
        file.seek(0)
        data = file.read()
        after = os.fstat(file.fileno())
        if moment(before) == moment(after):
            break
        before = after
    return before, io.BytesIO(data)


def moment(status: os.stat_result) -> Tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def entry(path: str, status: os.stat_result) -> tarfile.TarInfo:
    info = tarfile.TarInfo("home/" + path)
    info.mode = stat.S_IMODE(status.st_mode)
    info.mtime = int(status.st_mtime)
    return info


def run(wanted: Dict[str, Any], stream: IO[bytes]) -> None:
    work_set = WorkSet(Path(wanted["home"]), wanted["exclude"])
    work_set.walk()
    work_set.refuse_above(wanted["limit"])
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=6, mtime=0) as compressed:
        names = {"format": tarfile.PAX_FORMAT, "encoding": "utf-8", "errors": "surrogateescape"}
        with tarfile.open(fileobj=compressed, mode="w|", **names) as tar:  # type: ignore[call-overload]
            Packer(work_set, tar).pack()
    stream.flush()


def main() -> None:
    try:
        run(json.loads(sys.argv[1]), sys.stdout.buffer)
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(REFUSED)
    except OSError as failure:
        sys.stderr.write(f"{failure.filename or 'the archive'}: {failure.strerror}\n")
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
