"""Assets and archives, which are hashed when they are registered (sdk/go/common/resource/asset)."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

from sandbox.engine.errors import StepFailed, unsupported
from sandbox.engine.values import ARCHIVE, ASSET, mapped, signature

_ARCHIVE_FILES = (".tar", ".tgz", ".tar.gz", ".zip", ".jar")


def with_hashes(value: Any, directory: Path) -> Any:
    """A copy in which every asset and archive carries its SHA-256; relative paths start at `directory`."""

    def change(part: Any) -> Any:
        if signature(part) not in (ASSET, ARCHIVE):
            return part
        read = content if signature(part) == ASSET else _archive
        hashed = {key: with_hashes(item, directory) for key, item in part.items()}
        return hashed | {"hash": part.get("hash") or hashlib.sha256(read(part, directory)).hexdigest()}

    return mapped(value, change)


def content(asset: dict[str, Any], directory: Path) -> bytes:
    """An asset's bytes. Raises StepFailed when its file cannot be read."""
    if asset.get("uri"):
        raise StepFailed(unsupported(f"remote assets ({asset['uri']}) are"))
    if "path" not in asset:
        return str(asset.get("text", "")).encode()
    try:
        return Path(directory, asset["path"]).read_bytes()
    except OSError as error:
        msg = f"failed to compute asset hash: {asset['path']}: {error.strerror}"
        raise StepFailed(msg) from None


def _archive(archive: dict[str, Any], directory: Path) -> bytes:
    path = archive.get("path")
    if path and path.endswith(_ARCHIVE_FILES):
        return content(archive, directory)
    blocks = b"".join(_tar_entry(name, data) for name, data in sorted(_members(archive, directory).items()))
    return blocks + b"\0" * 1024


def _tar_entry(name: str, data: bytes) -> bytes:
    """One file as Go's archive/tar writes it; Python's tarfile leaves the device numbers empty."""
    path = name.encode()
    if len(path) > 100:
        raise StepFailed(unsupported(f"archive members with names over 100 bytes ({name}) are"))
    numbers = b"0000600\0" + b"0000000\0" * 2 + b"%011o\0" % len(data) + b"0" * 11 + b"\0"
    rest = b"0" + b"\0" * 100 + b"ustar\0" + b"00" + b"\0" * 64 + b"0000000\0" * 2 + b"\0" * 167
    start = path.ljust(100, b"\0") + numbers
    checksum = b"%06o\0 " % (sum(start) + 8 * 32 + sum(rest))
    return start + checksum + rest + data + b"\0" * (-len(data) % 512)


def _members(archive: dict[str, Any], directory: Path) -> dict[str, bytes]:
    """Every file in the archive by name."""
    if archive.get("uri"):
        raise StepFailed(unsupported(f"remote archives ({archive['uri']}) are"))
    if path := archive.get("path"):
        return _files(directory / path)
    found: dict[str, bytes] = {}
    for name, item in archive.get("assets", {}).items():
        if signature(item) == ASSET:
            found[name] = content(item, directory)
        else:
            found |= {f"{name}/{inner}": data for inner, data in _members(item, directory).items()}
    return found


def _files(path: Path) -> dict[str, bytes]:
    if path.suffix in (".zip", ".jar"):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    if path.is_dir():
        return {
            file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()
        }
    msg = f"couldn't read archive path '{path}': it is neither a directory nor an archive"
    raise StepFailed(msg)
