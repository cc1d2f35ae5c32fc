"""The template's conda environment: a real virtual environment, built once and linked into each machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from sandbox.guest.atomic import made_once

IMAGE = Path(__file__).parent / "image"
REQUIREMENTS = IMAGE / "requirements.txt"
FORMAT = "3"
PASSED_ON = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "UV_DEFAULT_INDEX",
             "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")  # fmt: skip


class PackagesUnavailable(RuntimeError):
    """The template's packages could not be installed; the text holds uv's last lines."""


def uv() -> str:
    """The uv of the project's environment, else the one on PATH. Raises PackagesUnavailable."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if not found:
        message = f"uv is needed to make a machine's conda environment: {sys.executable} -m pip install uv"
        raise PackagesUnavailable(message)
    return found


def python() -> str:
    """The interpreter that runs this, outside of any virtual environment."""
    return os.path.realpath(sys.executable)


def python_prefixes() -> list[str]:
    """The folders that this interpreter needs, other than /usr."""
    wanted = {os.path.realpath(sys.base_prefix), sys.base_prefix, str(Path(python()).parent.parent)}
    return sorted(prefix for prefix in wanted if not Path(prefix).is_relative_to("/usr") and prefix != "/")


def host_environment() -> dict[str, str]:
    """The host's variables that say where packages come from."""
    names = [name for upper in PASSED_ON for name in (upper, upper.lower())]
    return {name: os.environ[name] for name in names if name in os.environ}


def user_cache() -> Path:
    """Where environments and uv's downloads stay between sandboxes: $XDG_CACHE_HOME or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(base) / "fastai-paperspace"


def template_environment(cache: Path) -> Path:
    """The prebuilt environment, relocatable and read-only. Raises PackagesUnavailable."""
    key = hashlib.sha256(
        b"\0".join([REQUIREMENTS.read_bytes(), python().encode(), sys.version.encode(), FORMAT.encode()])
    ).hexdigest()[:16]
    cache.mkdir(parents=True, exist_ok=True)
    return made_once(cache / f"environment-{key}", lambda folder: _make(folder, cache / "uv"))


def _make(folder: Path, uv_cache: Path) -> None:
    _uv("venv", "-q", "--allow-existing", "--relocatable", "--python", python(), str(folder), cache=uv_cache)
    interpreter = str(folder / "bin/python")
    where = ("--python", interpreter, "--require-hashes", "-r", str(REQUIREMENTS))
    _uv("pip", "install", "-q", "--compile-bytecode", *where, cache=uv_cache)
    _share_fastai(folder)
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            file.chmod(stat.S_IMODE(file.stat().st_mode) & ~0o222)


def _share_fastai(folder: Path) -> None:
    """`import fastai` anywhere: a path relative to site-packages, so that it holds wherever the home is."""
    (site,) = folder.glob("lib/python3*/site-packages")
    (site / "fastai.pth").write_text("../../../../../../fastai\n", encoding="utf-8")


def _uv(*arguments: str, cache: Path) -> None:
    environment = {
        "PATH": os.defpath,
        "HOME": str(cache),
        "UV_CACHE_DIR": str(cache),
        "UV_NO_CONFIG": "1",
        "UV_LINK_MODE": "copy",
        "UV_PYTHON_DOWNLOADS": "never",
    } | host_environment()
    done = subprocess.run([uv(), *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join(done.stderr.strip().splitlines()[-8:])
        message = f"the packages of the fast.ai template could not be installed (is PyPI reachable?):\n{tail}"
        raise PackagesUnavailable(message)
