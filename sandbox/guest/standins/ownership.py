"""chown, chgrp and install -o: they only check that user, group and file exist (one host user owns all)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from sandbox.guest.standins.client import exec_command
from sandbox.guest.standins.command import Refused, root


def run(name: str, arguments: list[str]) -> int:
    return _install(arguments) if name == "install" else _change(name, arguments)


def _change(name: str, arguments: list[str]) -> int:
    plain = [word for word in arguments if not word.startswith("-")]
    if not any(word.startswith("--reference") for word in arguments):
        if len(plain) < 2:
            raise Refused(f"{name}: missing operand")  # noqa: EM102
        owner = plain.pop(0)
        _check(name, f":{owner}" if name == "chgrp" else owner)
    missing = [word for word in plain if not os.path.lexists(word)]
    for word in missing:
        sys.stderr.write(f"{name}: cannot access '{word}': No such file or directory\n")
    return int(bool(missing))


def _install(arguments: list[str]) -> int:
    kept: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        name, _, value = word.partition("=")
        if word in ("-o", "-g", "--owner", "--group") and waiting:
            _check("install", (":" if "g" in word.lstrip("-")[:1] else "") + waiting.pop(0))
        elif name in ("--owner", "--group"):
            _check("install", (":" if name == "--group" else "") + value)
        elif word[:2] in ("-o", "-g") and not word.startswith("--"):
            _check("install", (":" if word[1] == "g" else "") + word[2:])
        else:
            kept.append(word)
    real = shutil.which("install", path="/usr/bin:/bin")
    exec_command([real or "/usr/bin/install", *kept], os.environ)
    return 1


def _check(name: str, owner: str) -> None:
    user, _, group = owner.replace(".", ":", 1).partition(":")
    for kind, value, file in (("user", user, "passwd"), ("group", group, "group")):
        lines = Path(f"{root()}/etc/{file}").read_text(encoding="utf-8").splitlines()
        known = {word for line in lines for word in (line.split(":")[0], line.split(":")[2])}
        if value and value not in known:
            raise Refused(f"{name}: invalid {kind}: '{owner}'")  # noqa: EM102
