"""Where this computer's own apt gets its packages from; nothing else is ever asked."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass, field


class NoArchive(RuntimeError):
    """apt here names no archive of the distribution's own release; the text says what is missing."""


@dataclass(frozen=True)
class Archive:
    """A mirror's URL, and a release as "bookworm". environment: apt's proxy, as other clients take it."""

    mirror: str
    suite: str
    environment: dict[str, str] = field(default_factory=dict)


def archive() -> Archive:
    """The archive of this release, as /etc/apt has it. Raises NoArchive."""
    suite = _release()
    listing = _asked(
        "apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"
    )
    for line in listing.splitlines():
        mirror, _, rest = line.partition(" ")
        if rest == f"{suite} main":
            return Archive(mirror, suite, _proxy())
    message = f"apt's sources name no archive of {suite} with the component main"
    raise NoArchive(message)


def _release() -> str:
    try:
        return platform.freedesktop_os_release()["VERSION_CODENAME"]
    except (OSError, KeyError) as error:
        message = "this computer does not say which release of Debian or Ubuntu it is (/etc/os-release)"
        raise NoArchive(message) from error


def _proxy() -> dict[str, str]:
    text = _asked("apt-config", "shell", "http_proxy", "Acquire::http::Proxy")
    value = text.strip().removeprefix("http_proxy=").strip("'")
    return {"http_proxy": value} if value else {}


def _asked(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"{command[0]} does not answer: {error}"
        raise NoArchive(message) from error
