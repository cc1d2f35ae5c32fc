"""Runs the stand-in that has the name of the command."""

from __future__ import annotations

import importlib
import os
import signal
import sys

NAMES = {
    "conda": "conda",
    "graphics": "nvidia-smi",
    "hostname": "hostnamectl",
    "journalctl": "journalctl",
    "ownership": "chgrp chown install",
    "password": "chpasswd passwd",
    "people": "last loginctl w wall who",
    "power": "halt poweroff reboot shutdown",
    "sudo": "runuser su sudo",
    "systemctl": "systemctl",
}
MODULES = {name: module for module, names in NAMES.items() for name in names.split()}


class Refused(Exception):
    """The command ends with a message and a code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def main() -> None:
    """argv is [-c, name, argument…], as the launchers in /usr/local/bin call it."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    name, arguments = sys.argv[1], sys.argv[2:]
    module = importlib.import_module(f"sandbox.guest.standins.{MODULES[name]}")
    try:
        code = module.run(name, arguments)
    except Refused as refusal:
        if str(refusal):
            sys.stderr.write(f"{refusal}\n")
        code = refusal.code
    except KeyboardInterrupt:
        code = 130
    sys.stdout.flush()
    sys.exit(code)


def root() -> str:
    """What stands before an absolute path of the machine: empty, or GUEST_ROOT at level L0."""
    return os.environ.get("GUEST_ROOT", "")


def say(text: str = "") -> None:
    """One line of output."""
    sys.stdout.write(f"{text}\n")


def must_be_root(what: str) -> None:
    """Refuse what only root may do; at level L0 there is no other user. Raises Refused."""
    if os.geteuid() != 0 and not root():
        raise Refused(what)
