"""Assets and archives: the engine hashes their content when they are registered (sdk/go/common/resource/asset)."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from sandbox.engine.errors import StepFailed
from sandbox.engine.values import ARCHIVE, ASSET, signature

_ARCHIVE_FILES = (".tar", ".tgz", ".tar.gz", ".zip", ".jar")


def with_hashes(value: Any, directory: Path) -> Any:
    """A copy in which every asset and archive carries its SHA-256; relative paths start at `directory`."""
    kind = signature(value)
    if kind == ASSET:
        return value | {"hash": value.get("hash") or hashlib.sha256(content(value, directory)).hexdigest()}
    if kind == ARCHIVE:
        hashed = {key: with_hashes(item, directory) for key, item in value.items()}
        return hashed | {"hash": value.get("hash") or hashlib.sha256(_archive(value, directory)).hexdigest()}
    if isinstance(value, dict):
        return {key: with_hashes(item, directory) for key, item in value.items()}
    return [with_hashes(item, directory) for item in value] if isinstance(value, list) else value


def content(asset: dict[str, Any], directory: Path) -> bytes:
    """An asset's bytes. Raises StepFailed when its file cannot be read."""
    if asset.get("uri"):
        msg = f"remote assets are not supported by this engine: {asset['uri']}; use the real CLI"
        raise StepFailed(msg)
    if "path" not in asset:
        return str(asset.get("text", "")).encode()
    try:
        return (directory / asset["path"]).read_bytes()
    except OSError as error:
        msg = f"failed to compute asset hash: {asset['path']}: {error.strerror}"
        raise StepFailed(msg) from None


def _archive(archive: dict[str, Any], directory: Path) -> bytes:
    path = archive.get("path")
    if path and path.endswith(_ARCHIVE_FILES):
        return content(archive, directory)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        tar.copybufsize = 0
        for name, data in sorted(_members(archive, directory).items()):
            member = tarfile.TarInfo(name)
            member.mode, member.size = 0o600, len(data)
            tar.addfile(member, io.BytesIO(data))
    blocks = out.getvalue().rstrip(b"\0")
    return blocks + b"\0" * (-len(blocks) % 512) + b"\0" * 1024  # Go pads to two blocks, Python to a record


def _members(archive: dict[str, Any], directory: Path) -> dict[str, bytes]:
    """Every file in the archive by name."""
    if archive.get("uri"):
        msg = f"remote archives are not supported by this engine: {archive['uri']}; use the real CLI"
        raise StepFailed(msg)
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
