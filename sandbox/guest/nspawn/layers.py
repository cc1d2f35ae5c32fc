"""The two read-only layers of every nspawn machine's disk: Debian, and the course's environment on top of it.

Both are built once and kept in the user's cache under a name that changes with their recipe.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sandbox.guest import packages
from sandbox.guest.atomic import made_once
from sandbox.guest.init.specification import USER, USER_ID
from sandbox.guest.nspawn import apt
from sandbox.guest.standins.conda import OWN_ENVIRONMENT, OWN_UV

IMAGE = Path(__file__).parents[1] / "image"
RECIPE = Path(__file__).parent / "recipe"
PACKAGES = ("systemd", "systemd-sysv", "dbus", "libpam-systemd", "openssh-server", "sudo", "git", "python3",
            "python3-venv", "ca-certificates", "procps", "iproute2", "curl", "less")  # fmt: skip
UV = OWN_UV
UV_CACHE = OWN_ENVIRONMENT["UV_CACHE_DIR"]


class BuildFailed(RuntimeError):
    """A layer could not be built; the text holds the last lines of what its builder said."""


def cache() -> Path:
    return packages.user_cache() / "nspawn"


def debian() -> Path:
    """The folder of a Debian without a machine's identity. Raises BuildFailed, apt.NoArchive."""
    archive = apt.archive()
    key = _key(archive.suite, archive.mirror, *PACKAGES, *_texts(RECIPE / "debian"))
    return made_once(_named("debian", key), lambda folder: _build_debian(folder, archive))


def course() -> Path:
    """What the fast.ai template has beside Debian: conda's place and the environment in it.

    Raises BuildFailed, apt.NoArchive, packages.PackagesUnavailable.
    """
    lower = debian()
    image = (IMAGE / "home/activate", IMAGE / "home/bashrc.fastai", packages.REQUIREMENTS)
    texts = (file.read_text(encoding="utf-8") for file in image)
    key = _key(lower.name, *texts, *_texts(RECIPE / "course"))
    return made_once(_named("course", key), lambda folder: _build_course(folder, lower))


def uv_cache() -> Path:
    """uv's downloads, writable for the machines' user."""
    folder = cache() / "uv"
    if not folder.is_dir():
        folder.mkdir(parents=True)
        os.chown(folder, USER_ID, USER_ID)
    return folder


def _named(name: str, key: str) -> Path:
    cache().mkdir(parents=True, exist_ok=True)
    return cache() / f"{name}-{key}"


def _key(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _texts(file: Path) -> list[str]:
    return [file.with_suffix(".sh").read_text(encoding="utf-8")]


def _build_debian(folder: Path, archive: apt.Archive) -> None:
    _say(f"Building a Debian {archive.suite} in {cache()} (about a minute, once) ...")
    variables = {
        "ROOT": str(folder),
        "SUITE": archive.suite,
        "MIRROR": archive.mirror,
        "PACKAGES": ",".join(PACKAGES),
        "LOGIN": USER,
        "LOGIN_ID": str(USER_ID),
    }
    _run("debian.sh", variables | archive.environment)


def _build_course(folder: Path, lower: Path) -> None:
    _say("Building the course's environment for it ...")
    scratch = folder.with_name(f"{folder.name}-scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    for name in ("work", "root"):
        (scratch / name).mkdir(parents=True)
    variables = {
        "LOWER": str(lower),
        "UPPER": str(folder),
        "SCRATCH": str(scratch),
        "LOGIN": USER,
        "LOGIN_ID": str(USER_ID),
        "IMAGE": str(IMAGE),
        "UV": packages.uv(),
        "UV_INSIDE": UV,
        "CACHE": str(uv_cache()),
        "CACHE_INSIDE": UV_CACHE,
    }
    try:
        _run("course.sh", variables | packages.host_environment())
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(script: str, variables: dict[str, str]) -> None:
    """Runs a recipe in mounts and processes of its own, so that nothing of it is left whatever happens.

    Raises BuildFailed.
    """
    own = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
    done = subprocess.run(
        [*own, "sh", "-eu", str(RECIPE / script)],
        env={
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            **variables,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-12:])
        message = f"{script} failed with code {done.returncode}:\n{tail}"
        raise BuildFailed(message)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
