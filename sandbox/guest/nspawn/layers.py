"""The two read-only layers of every nspawn machine's disk: Debian, and the course's environment on top of it.

Both are built once and kept in the user's cache under a name that changes with their recipe.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.guest import packages
from sandbox.guest.atomic import made_once
from sandbox.guest.init.specification import USER, USER_ID
from sandbox.guest.nspawn import apt
from sandbox.guest.standins.conda import OWN_ENVIRONMENT, OWN_UV

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SANDBOX = Path(__file__).parents[2]
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
    name = key(archive.suite, archive.mirror, *PACKAGES, _text(RECIPE / "debian.sh"))
    return made_once(named("debian", name), lambda folder: _build_debian(folder, archive))


def course() -> Path:
    """What the fast.ai template has beside Debian: conda's place and the environment in it.

    Raises BuildFailed, apt.NoArchive, packages.PackagesUnavailable.
    """
    lower = debian()
    image = (IMAGE / "home/activate", IMAGE / "home/bashrc.fastai", packages.REQUIREMENTS)
    texts = map(_text, image)
    name = key(lower.name, *texts, _text(RECIPE / "course.sh"))
    return made_once(named("course", name), lambda folder: _build_course(folder, lower))


def uv_cache() -> Path:
    """uv's downloads, writable for the machines' user."""
    folder = cache() / "uv"
    if not folder.is_dir():
        folder.mkdir(parents=True)
        os.chown(folder, USER_ID, USER_ID)
    return folder


def named(name: str, key: str) -> Path:
    """The layer's folder in the cache."""
    cache().mkdir(parents=True, exist_ok=True)
    return cache() / f"{name}-{key}"


def key(*texts: str) -> str:
    """What a layer's folder is called after its recipe."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _build_debian(folder: Path, archive: apt.Archive) -> None:
    say(f"Building a Debian {archive.suite} in {cache()} (about a minute, once) ...")
    variables = {
        "ROOT": str(folder),
        "SUITE": archive.suite,
        "MIRROR": archive.mirror,
        "PACKAGES": ",".join(PACKAGES),
        "LOGIN": USER,
        "LOGIN_ID": str(USER_ID),
    }
    run_recipe(RECIPE / "debian.sh", variables | archive.environment)


def _build_course(folder: Path, lower: Path) -> None:
    say("Building the course's environment for it ...")
    with scratch(folder) as place:
        variables = {
            "LOWER": str(lower),
            "UPPER": str(folder),
            "SCRATCH": str(place),
            "LOGIN": USER,
            "LOGIN_ID": str(USER_ID),
            "IMAGE": str(IMAGE),
            "UV": packages.uv(),
            "UV_INSIDE": UV,
            "CACHE": str(uv_cache()),
            "CACHE_INSIDE": UV_CACHE,
        }
        run_recipe(RECIPE / "course.sh", variables | packages.host_environment())


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Beside a layer that is being made: `work` and `root` for its overlay."""
    place = folder.with_name(f"{folder.name}-scratch")
    shutil.rmtree(place, ignore_errors=True)
    for name in ("work", "root"):
        (place / name).mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def run_recipe(script: Path, variables: dict[str, str]) -> None:
    """Runs a recipe in mounts and processes of its own, so that nothing of it is left whatever happens.

    Raises BuildFailed.
    """
    own = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
    done = subprocess.run(
        [*own, "sh", "-eu", str(script)],
        env={"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-12:])
        message = f"{script.name} failed with code {done.returncode}:\n{tail}"
        raise BuildFailed(message)


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
