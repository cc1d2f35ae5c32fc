# ruff: noqa: UP006, UP035 - the machine's Python may be 3.6
"""Puts an archive made by pack_home.py into a home folder; it comes on standard input after this program.

argv[1] is JSON: {"home", "bytes": of all files, "sha256": of the archive, "now": "20261125T001200Z"}.
Everything is unpacked and checked beside the home's own files first; only then it moves to its place. What is
there and differs moves aside, to before-restore-<now>/; a git working tree moves as a whole, because two
repositories must not be mixed. Run again after an interruption it comes to the same end.
The last line on standard output is JSON: {"aside": folder or null, "moved_aside": [paths]}.
Exit status 3: refused; the text on standard error says why.
"""

import filecmp
import gzip
import hashlib
import json
import os
import shutil
import stat
import sys
import tarfile
import zlib
from pathlib import Path
from typing import IO, Any, Dict, List

REFUSED = 3
CHUNK = 1024 * 1024
STATE = ".local/state/fastai"
DAMAGED = "the archive did not arrive as it was sent; run it again"


class Refused(Exception):
    """What cannot be restored, in words for the person at the other end."""


class Arrival:
    """Unpacks a tar into the new folder `staging`."""

    def __init__(self, staging: Path) -> None:
        self.staging = staging
        self.files: List[List[Any]] = []
        self.links: List[List[str]] = []
        self.folders: List[str] = []
        self.modes: Dict[str, int] = {}
        self.manifest: Dict[str, Any] = {}

    def receive(self, stream: IO[bytes]) -> None:
        """Raises Refused unless everything is as the manifest says, to the last byte of `stream`."""
        with gzip.GzipFile(fileobj=stream, mode="rb") as compressed:
            names = {"encoding": "utf-8", "errors": "surrogateescape"}
            with tarfile.open(fileobj=compressed, mode="r|", **names) as tar:  # type: ignore[call-overload]
                for member in tar:
                    self.take(tar, member)
            while compressed.read(CHUNK):
                pass
        arrived = {"files": self.files, "links": self.links, "folders": self.folders}
        if any(self.manifest.get(kind) != found for kind, found in arrived.items()):
            raise Refused(DAMAGED)
        self.finish()

    def take(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        if member.name == "manifest.json":
            self.manifest = json.loads(b"".join(chunks(tar, member)).decode("ascii"))
            return
        path = below_home(member.name)
        if member.issym():
            self.links.append([path, member.linkname])
        elif member.isdir():
            (self.staging / path).mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folders.append(path)
            self.modes[path] = member.mode & 0o777 | 0o700
        else:
            self.files.append([path, member.size, self.write(tar, member, path)])

    def write(self, tar: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> str:
        full, digest = self.staging / path, hashlib.sha256()
        full.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with full.open("xb") as file:
            for data in chunks(tar, member):
                digest.update(data)
                file.write(data)
        full.chmod(member.mode & 0o777 | 0o400)
        os.utime(str(full), (member.mtime, member.mtime))
        return digest.hexdigest()

    def finish(self) -> None:
        """Links come after all files, so that nothing is written through one."""
        for path, target in self.links:
            (self.staging / path).symlink_to(target)
        for path, mode in self.modes.items():
            (self.staging / path).chmod(mode)


def chunks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Any:
    source = tar.extractfile(member)
    return iter(lambda: source.read(CHUNK) if source else b"", b"")


def below_home(name: str) -> str:
    parts = name.split("/")
    if parts[0] != "home" or len(parts) < 2 or any(part in ("", ".", "..") for part in parts):
        text = f"the archive holds the unsafe path {name!r}"
        raise Refused(text)
    return "/".join(parts[1:])


class Restore:
    """Moves what is below `staging` to its place in `home`; what must go moves below `aside`."""

    def __init__(self, staging: Path, home: Path, aside: Path) -> None:
        self.staging = staging
        self.home = home
        self.aside = aside
        self.moved_aside: List[str] = []

    def place_all(self) -> None:
        for source in sorted(self.staging.iterdir()):
            self.place(source)

    def place(self, source: Path) -> None:
        path = source.relative_to(self.staging)
        target = self.home / path
        if os.path.lexists(str(target)):
            if is_folder(source) and is_folder(target) and not is_repository(source):
                for child in sorted(source.iterdir()):
                    self.place(child)
                return
            if is_same(source, target):
                return
            self.move_aside(path)
        source.rename(target)

    def move_aside(self, path: Path) -> None:
        kept = self.aside / path
        kept.parent.mkdir(parents=True, exist_ok=True)
        (self.home / path).rename(kept)
        self.moved_aside.append(str(path))


def is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def is_repository(path: Path) -> bool:
    return path.name == ".git" or os.path.lexists(str(path / ".git"))


def is_same(one: Path, other: Path) -> bool:
    kind = stat.S_IFMT(one.lstat().st_mode)
    if kind != stat.S_IFMT(other.lstat().st_mode):
        return False
    if kind == stat.S_IFLNK:
        return os.readlink(str(one)) == os.readlink(str(other))  # noqa: PTH115 - not in Python 3.6
    if kind == stat.S_IFREG:
        return filecmp.cmp(str(one), str(other), shallow=False)
    names = sorted(child.name for child in one.iterdir())
    return names == sorted(child.name for child in other.iterdir()) and all(
        is_same(one / name, other / name) for name in names
    )


def refuse_without_room(home: Path, size: int) -> None:
    room = os.statvfs(str(home))
    free = room.f_bavail * room.f_frsize
    if free < size:
        text = f"the archive unpacks to {size / 1e9:.3g} GB; {free / 1e9:.3g} GB are free on the machine"
        raise Refused(text)


def restore(wanted: Dict[str, Any], stream: IO[bytes]) -> Dict[str, Any]:
    home = Path(wanted["home"])
    staging = home / STATE / "restore"
    shutil.rmtree(str(staging), ignore_errors=True)
    staging.mkdir(mode=0o700, parents=True)
    try:
        refuse_without_room(home, wanted["bytes"])
        Arrival(staging).receive(stream)
        moves = Restore(staging, home, home / ("before-restore-" + wanted["now"]))
        moves.place_all()
    finally:
        shutil.rmtree(str(staging), ignore_errors=True)
    os.sync()
    mark(home, wanted["sha256"])
    aside = moves.aside.name if moves.moved_aside else None
    return {"aside": aside, "moved_aside": moves.moved_aside}


def mark(home: Path, sha256: str) -> None:
    """Says that this machine has this archive."""
    new = home / STATE / "restored.new"
    new.write_text(sha256)
    new.rename(home / STATE / "restored")


def main() -> None:
    try:
        print(json.dumps(restore(json.loads(sys.argv[1]), sys.stdin.buffer)))
    except Refused as refusal:
        refuse(str(refusal))
    except (EOFError, ValueError, zlib.error, tarfile.TarError) as failure:
        refuse(f"{DAMAGED} ({failure})")
    except OSError as failure:
        refuse(f"{failure.filename}: {failure.strerror}" if failure.strerror else f"{DAMAGED} ({failure})")


def refuse(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.exit(REFUSED)


if __name__ == "__main__":
    main()
