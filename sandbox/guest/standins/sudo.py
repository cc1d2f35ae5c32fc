"""sudo, su and runuser: the command runs as the other user, without asking for a password."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass, field

from sandbox.guest.init.environment import PATH
from sandbox.guest.init.specification import USER, USER_ID
from sandbox.guest.standins.client import run_as
from sandbox.guest.standins.command import Refused, root

USERS = ("root", USER)
KEPT = ("TERM", "COLORTERM", "DISPLAY", "LANG", "LANGUAGE", "PATH")


@dataclass
class Request:
    """What a sudo command line asks for."""

    user: str = "root"
    login: bool = False
    shell: bool = False
    keep: bool = False
    keep_names: list[str] = field(default_factory=list)
    from_stdin: bool = False
    nothing: bool = False
    folder: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)


def run(name: str, arguments: list[str]) -> int:
    request = _sudo(arguments) if name == "sudo" else _su(name, arguments)
    if request.user not in USERS:
        raise Refused(f"{name}: unknown user: {request.user}")  # noqa: EM102
    if request.nothing:
        return 0
    if request.from_stdin and not os.isatty(0):
        _drop_password()
    argv = _argv(request)
    if name == "sudo":
        argv = _with_umask(_found(argv))
    return run_as(request.user, argv, _environment(request), _folder(request))


def _sudo(arguments: list[str]) -> Request:
    request = Request()
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            break
        if not word.startswith("-") or word == "-":
            waiting.insert(0, word)
            break
        _option(request, word, waiting)
    while waiting and (match := re.fullmatch(r"([A-Za-z_]\w*)=(.*)", waiting[0], re.DOTALL)):
        request.environment[match[1]] = match[2]
        waiting.pop(0)
    request.command = waiting
    if not (waiting or request.login or request.shell or request.nothing):
        raise Refused("usage: sudo [-ESHnis] [-u user] [-D directory] [VAR=value] [command]")  # noqa: EM101
    return request


def _option(request: Request, word: str, waiting: list[str]) -> None:
    long = {"--user": "u", "--login": "i", "--shell": "s", "--preserve-env": "E", "--non-interactive": "n",
            "--set-home": "H", "--stdin": "S", "--chdir": "D", "--validate": "v", "--reset-timestamp": "k",
            "--group": "g", "--prompt": "p", "--background": "b"}  # fmt: skip
    letters, value = word[1:], ""
    if word.startswith("--"):
        name, _, value = word.partition("=")
        letters = long.get(name, "?")
        if name == "--preserve-env" and value:
            request.keep_names += value.split(",")
            return
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter in "ugDp":
            text = value or letters or (waiting.pop(0) if waiting else "")
            letters = ""
            request.user = text if letter == "u" else request.user
            request.folder = text if letter == "D" else request.folder
        elif letter not in "nHKkbEisSv":
            raise Refused(f"sudo: {word}: this stand-in does not know the option")  # noqa: EM102
        request.login |= letter == "i"
        request.shell |= letter == "s"
        request.keep |= letter == "E"
        request.from_stdin |= letter == "S"
        request.nothing |= letter in "vkK" and not waiting
    return


def _su(name: str, arguments: list[str]) -> Request:
    known = argparse.ArgumentParser(prog=name, allow_abbrev=False)
    known.add_argument("-l", "--login", action="store_true")
    known.add_argument("-c", "--command")
    known.add_argument("-s", "--shell")
    known.add_argument("-u", "--user")
    known.add_argument("words", nargs=argparse.REMAINDER)
    options = known.parse_args(["--login" if word == "-" else word for word in arguments])
    words = [word for word in options.words if word != "--"]
    request = Request(login=options.login)
    if options.user:
        request.user = options.user
    elif words:
        request.user = words.pop(0)
    if words[:1] in (["-c"], ["--command"]):
        options.command, words = words[1], words[2:]
    request.command = ["/bin/bash", "-c", options.command] if options.command else words
    request.shell = not request.command
    return request


def _argv(request: Request) -> list[str]:
    if request.login:
        line = shlex.join(request.command)
        if request.command[:2] == ["/bin/bash", "-c"]:
            line = request.command[2]
        return ["/bin/bash", "-l", "-c", line] if line else ["/bin/bash", "-l"]
    if request.shell:
        return ["/bin/bash", "-c", shlex.join(request.command)] if request.command else ["/bin/bash"]
    return request.command


def _found(argv: list[str]) -> list[str]:
    """Raises Refused where sudo would not find the command, with its own exit code."""
    path = os.environ.get("PATH") if root() else PATH
    if not shutil.which(argv[0], path=path):
        raise Refused(f"sudo: {argv[0]}: command not found")  # noqa: EM102
    return argv


def _with_umask(argv: list[str]) -> list[str]:
    """The caller's umask and sudo's own 022 both hold (sudoers(5), umask)."""
    mask = os.umask(0)
    os.umask(mask)
    line = f'umask {mask | 0o022:04o}; exec "$@"'
    return ["/bin/sh", "-c", line, "sh", *argv]


def _environment(request: Request) -> dict[str, str]:
    names = set(os.environ) if request.keep else {*KEPT, *request.keep_names}
    names -= {"HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "SSH_TTY", "GUEST_ROOT"}
    found = {key: value for key, value in os.environ.items() if key in names}
    if not request.keep and not root():
        found.pop("PATH", None)
    caller = os.environ.get("USER", USER)
    number = "0" if caller == "root" else str(USER_ID)
    own = {"SUDO_USER": caller, "SUDO_UID": number, "SUDO_GID": number}
    return found | own | {"SUDO_COMMAND": shlex.join(request.command)} | request.environment


def _folder(request: Request) -> str | None:
    return None if request.login and not request.folder else request.folder or os.getcwd()  # noqa: PTH109


def _drop_password() -> None:
    """-S reads one line, byte by byte so that the rest stays for the command."""
    while (byte := os.read(0, 1)) and byte != b"\n":
        pass
    sys.stderr.flush()
