"""The environment of a login, built from nothing: no variable of the host reaches a machine."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.guest.init.specification import PACKAGES, USER, USER_ID, Specification

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")


def home_of(specification: Specification, user: str) -> str:
    """The user's home as the machine's processes write it."""
    return specification.root + (f"/home/{user}" if user == USER else "/root")


def of_login(specification: Specification, user: str) -> dict[str, str]:
    """What sshd and PAM give a session: the account, PATH, and the assignments in /etc/environment."""
    root = specification.root
    environment = {
        "HOME": home_of(specification, user),
        "USER": user,
        "LOGNAME": user,
        "SHELL": "/bin/bash",
        "PATH": PATH,
        "LANG": "C.UTF-8",
    }
    if user == USER:
        environment["XDG_RUNTIME_DIR"] = f"{root}/run/user/{USER_ID}"
    environment |= assignments(Path(root + "/etc/environment"))
    if root:
        environment["GUEST_ROOT"] = root
        environment["GIT_CONFIG_SYSTEM"] = root + "/etc/gitconfig"
        environment["JUPYTER_CONFIG_PATH"] = root + "/etc/jupyter"
        environment["PATH"] = f"{root}/usr/local/sbin:{root}/usr/local/bin:{environment['PATH']}"
    return environment


def of_packages(specification: Specification) -> dict[str, str]:
    """What the process that fetches packages has beside: uv, its cache, the host's index and certificates."""
    inside = PACKAGES if specification.confined else ""
    extra = dict(specification.package_environment)
    if inside and "SSL_CERT_FILE" in extra:
        extra["SSL_CERT_FILE"] = f"{inside}/certificates.pem"
    return extra | {
        "UV": f"{inside}/uv" if inside else specification.uv,
        "UV_CACHE_DIR": f"{inside}/cache" if inside else specification.cache,
        "UV_LINK_MODE": "copy",
        "UV_NO_CONFIG": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def assignments(file: Path) -> dict[str, str]:
    """NAME=value lines, as /etc/environment and EnvironmentFile= have them; anything else is passed over."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        match = ASSIGNMENT.fullmatch(line.strip())
        if match:
            found[match[1]] = _unquoted(match[2].strip())
    return found


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
