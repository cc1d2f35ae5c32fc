"""chpasswd and passwd: they change /etc/shadow, which the machine's SSH server reads at each login."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from sandbox.guest import passwords
from sandbox.guest.init.specification import USER
from sandbox.guest.standins.client import run_as
from sandbox.guest.standins.command import Refused, must_be_root, root, say


def run(name: str, arguments: list[str]) -> int:
    return _chpasswd(arguments) if name == "chpasswd" else _passwd(arguments)


def _chpasswd(arguments: list[str]) -> int:
    if arguments:
        raise Refused(f"chpasswd: {arguments[0]}: this stand-in has no options; give user:password lines")  # noqa: EM102
    must_be_root("chpasswd: cannot lock /etc/passwd; try again later.")
    failed = False
    for number, line in enumerate(sys.stdin.read().splitlines(), start=1):
        user, colon, password = line.partition(":")
        try:
            if not colon:
                raise KeyError(user)
            _store(user, passwords.hashed(password))
        except KeyError:
            sys.stderr.write(f"chpasswd: line {number}: user '{user}' does not exist\n")
            failed = True
    return int(failed)


def _passwd(arguments: list[str]) -> int:
    options = [word for word in arguments if word.startswith("-")]
    named = [word for word in arguments if not word.startswith("-")]
    me = "root" if os.geteuid() == 0 and not root() else os.environ.get("USER", USER)
    user = named[0] if named else me
    if user != me:
        must_be_root("passwd: You may not view or modify password information for this user.")
    shadow = _shadow().read_text(encoding="utf-8")
    if not passwords.field_of(shadow, user):
        raise Refused(f"passwd: user '{user}' does not exist")  # noqa: EM102
    if options:
        return _locked(options[0], user, passwords.field_of(shadow, user))
    if me == USER:
        _confirm_present(user, shadow)
    first = _ask("Enter new UNIX password: ")
    if first != _ask("Retype new UNIX password: "):
        raise Refused("Sorry, passwords do not match\npasswd: Authentication token manipulation error", 10)  # noqa: EM101
    _store_as_root(user, first)
    say("passwd: password updated successfully")
    return 0


def _confirm_present(user: str, shadow: str) -> None:
    sys.stdout.write(f"Changing password for {user}.\n")
    sys.stdout.flush()
    if not passwords.matches(_ask("(current) UNIX password: "), passwords.field_of(shadow, user)):
        raise Refused("passwd: Authentication token manipulation error\npasswd: password unchanged", 10)  # noqa: EM101


def _locked(option: str, user: str, field: str) -> int:
    must_be_root("passwd: Permission denied.")
    changes = {"-l": "!" + field.lstrip("!"), "-u": field.lstrip("!"), "-d": "*", "-e": field}
    if option in ("-S", "--status"):
        say(f"{user} {'L' if field.startswith(('!', '*')) else 'P'} 2026-01-01 0 99999 7 -1")
        return 0
    if option not in changes:
        raise Refused(f"passwd: {option}: this stand-in does not know the option")  # noqa: EM102
    _store(user, changes[option])
    return 0


def _store_as_root(user: str, password: str) -> None:
    """passwd is setuid on a real machine; here process number one runs the root's half."""
    if os.geteuid() == 0 or root():
        _store(user, passwords.hashed(password))
        return
    reader, writer = os.pipe()
    os.write(writer, f"{user}:{password}\n".encode())
    os.close(writer)
    present = os.dup(0)
    os.dup2(reader, 0)
    code = run_as("root", ["chpasswd"], {}, "/")
    os.dup2(present, 0)
    if code:
        raise Refused("passwd: Authentication token manipulation error", 10)  # noqa: EM101


def _ask(prompt: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    sys.stderr.write(prompt)
    line = sys.stdin.readline()
    if not line:
        raise Refused("passwd: Authentication token manipulation error", 10)  # noqa: EM101
    return line.rstrip("\n")


def _store(user: str, field: str) -> None:
    file = _shadow()
    text = passwords.with_field(file.read_text(encoding="utf-8"), user, field)
    fresh = file.with_name("shadow.new")
    fresh.touch(mode=0o640)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def _shadow() -> Path:
    return Path(root() + "/etc/shadow")
