"""who, w, last, wall and loginctl: the terminals that are open through SSH."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox.guest.standins.client import connect
from sandbox.guest.standins.command import Refused, say


def run(name: str, arguments: list[str]) -> int:
    sessions = connect().call("sessions")[0]["sessions"]
    if name == "wall":
        return _wall(arguments, sessions)
    if name == "loginctl":
        return _loginctl(arguments, sessions)
    for session in sessions:
        say(_line(session, idle="-u" in arguments or "--users" in arguments or name == "w"))
    return 0


def _line(session: dict[str, Any], *, idle: bool) -> str:
    terminal = session["tty"].removeprefix("/dev/")
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(session["since"]))
    extra = ""
    if idle:
        extra = f" {_idle(session['tty'])}  {session['pid']:>8}"
    return f"{session['user']:<8} {terminal:<12} {since}{extra} ({session['from']})"


def _idle(terminal: str) -> str:
    """Time since the last input, as who(1) writes it: the terminal's access time."""
    try:
        seconds = time.time() - Path(terminal).stat().st_atime
    except OSError:
        return "  ?  "
    if seconds < 60:
        return "  .  "
    return " old " if seconds >= 86400 else f"{int(seconds // 3600):02}:{int(seconds % 3600 // 60):02}"


def _wall(arguments: list[str], sessions: list[dict[str, Any]]) -> int:
    words = [word for word in arguments if word not in ("-n", "--nobanner")]
    text = " ".join(words) if words else sys.stdin.read()
    now = time.strftime("%a %b %e %H:%M:%S %Y")
    banner = f"\r\nBroadcast message from {os.environ.get('USER', 'root')} ({now}):\r\n\r\n"
    for session in sessions:
        with suppress(OSError), Path(session["tty"]).open("w", encoding="utf-8") as terminal:
            terminal.write(banner + text.strip().replace("\n", "\r\n") + "\r\n\r\n")
    return 0


def _loginctl(arguments: list[str], sessions: list[dict[str, Any]]) -> int:
    verb = next((word for word in arguments if not word.startswith("-")), "list-sessions")
    if verb in ("enable-linger", "disable-linger"):
        return 0
    if verb != "list-sessions":
        raise Refused(f"loginctl {verb}: not supported by this stand-in")  # noqa: EM102
    for session in sessions:
        user_id = 1000 if session["user"] != "root" else 0
        say(f"{session['pid']} {user_id} {session['user']} seat- {session['tty'].removeprefix('/dev/')}")
    return 0
