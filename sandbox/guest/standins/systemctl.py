"""systemctl: services and timers in /etc/systemd/system, run by the machine's process number one.

A step's check starts it many times: what only one verb needs is imported there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from sandbox.guest import wire
from sandbox.guest.standins import power
from sandbox.guest.standins.client import connect
from sandbox.guest.standins.command import Refused, must_be_root, root, say

IGNORED = ("--no-pager", "--no-block", "--system", "-f", "--force", "--full", "-l", "--no-legend", "--all",
           "-a", "--no-ask-password", "--plain", "--no-reload")  # fmt: skip
CHANGES = ("start", "stop", "restart", "try-restart", "reload", "reload-or-restart", "enable", "disable",
           "daemon-reload", "reset-failed", "poweroff", "reboot", "halt")  # fmt: skip


class Systemctl:
    """One command line."""

    def __init__(self, arguments: list[str]) -> None:
        self.quiet = self.now = self.value = False
        self.properties: list[str] = []
        words: list[str] = []
        waiting = list(arguments)
        while waiting:
            word = waiting.pop(0)
            if word in ("-p", "--property") and waiting:
                self.properties += waiting.pop(0).split(",")
            elif word.startswith("--property="):
                self.properties += word.partition("=")[2].split(",")
            elif word.startswith("-p") and len(word) > 2:
                self.properties += word[2:].split(",")
            elif word == "-n" and waiting:
                waiting.pop(0)
            elif word.startswith("-"):
                self._flag(word)
            else:
                words.append(word)
        self.verb, *names = words or ["list-units"]
        self.names = [name if name.rpartition(".")[0] else f"{name}.service" for name in names]
        self._caller = connect()

    def _flag(self, word: str) -> None:
        if word in ("-q", "--quiet"):
            self.quiet = True
        elif word == "--now":
            self.now = True
        elif word == "--value":
            self.value = True
        elif word not in IGNORED and not word.startswith(("--type=", "--state=", "--lines=", "--output=")):
            raise Refused(f"systemctl: {word}: this stand-in does not know the option")  # noqa: EM102

    def ask(self, verb: str, name: str = "") -> Any:
        """The manager's answer. Raises Refused when there is no such unit or its file is wrong."""
        try:
            reply, _ = self._caller.call("unit", verb=verb, name=name)
        except wire.Failed as error:
            raise Refused(f"Failed to {verb} {name}: {error}") from error  # noqa: EM102
        if reply.get("missing"):
            code = 5 if verb in ("start", "stop", "restart", "reload") else 1
            raise Refused(f"Failed to {verb} {name}: Unit {name} not found.", code)  # noqa: EM102
        return reply["result"]

    def start(self, verb: str = "start") -> int:
        failed = [name for name in self.names if self.ask(verb, name) is False]
        for name in failed:
            sys.stderr.write(f"Job for {name} failed because the control process exited with error code.\n")
            sys.stderr.write(f'See "systemctl status {name}" and "journalctl -u {name}" for details.\n')
        return int(bool(failed))

    def stop(self) -> int:
        for name in self.names:
            self.ask("stop", name)
        return 0

    def enable(self) -> int:
        for name in self.names:
            for link, file in self.ask("enable", name):
                if not self.quiet:
                    sys.stderr.write(f"Created symlink {link} \u2192 {file}.\n")
        return self.start() if self.now else 0

    def disable(self) -> int:
        for name in self.names:
            for link in self.ask("disable", name):
                if not self.quiet:
                    sys.stderr.write(f"Removed {link}.\n")
        return self.stop() if self.now else 0

    def is_state(self, wanted: tuple[str, ...], code: int) -> int:
        states = [self.ask("show", name)["ActiveState"] for name in self.names]
        for state in states:
            if not self.quiet:
                say(state)
        return 0 if any(state in wanted for state in states) else code

    def is_enabled(self) -> int:
        answers = []
        for name in self.names:
            answers.append(self.ask("is-enabled", name))
            if not self.quiet:
                say(answers[-1])
        return 0 if any(answer in ("enabled", "static") for answer in answers) else 1

    def show(self) -> int:
        for name in self.names:
            found = self.ask("show", name)
            for key in self.properties or list(found):
                shown = found.get(key, "")
                say(str(shown if shown is not None else "") if self.value else f"{key}={shown}")
        return 0

    def status(self) -> int:
        code = 0
        for name in self.names:
            found = self.ask("show", name)
            if found["LoadState"] == "not-found":
                sys.stderr.write(f"Unit {name} could not be found.\n")
                return 4
            self._status(name, found)
            code = code or (0 if found["ActiveState"] in ("active", "reloading", "activating") else 3)
        return code

    def _status(self, name: str, found: dict[str, Any]) -> None:
        say(f"\u25cf {name} - {found.get('Description', name)}")
        say(f"     Loaded: loaded ({found.get('FragmentPath', '')}; {found.get('UnitFileState', '')})")
        moment = time.strftime(
            "%a %Y-%m-%d %H:%M:%S %Z", time.localtime(found.get("StateChangeTimestamp", 0))
        )
        result = (
            f" (Result: {found['Result']})" if found["ActiveState"] == "failed" else f" ({found['SubState']})"
        )
        say(f"     Active: {found['ActiveState']}{result} since {moment}")
        if found["MainPID"]:
            say(f"   Main PID: {found['MainPID']}")
        say()
        _say_newest_lines(name)

    def cat(self) -> int:
        from pathlib import Path

        for name in self.names:
            found = self.ask("show", name)
            if "FragmentPath" not in found:
                raise Refused(f"No files found for {name}.")  # noqa: EM102
            file = Path(found["FragmentPath"])
            extra = sorted(Path(f"{file}.d").glob("*.conf"))
            for part in (file, *extra):
                say(f"# {part}\n{part.read_text(encoding='utf-8')}")
        return 0

    def listing(self) -> int:
        timers = self.verb == "list-timers"
        for name in self.ask("names"):
            found = self.ask("show", name)
            if timers and name.endswith(".timer") and found["ActiveState"] == "active":
                moments = f"{_moment(found['NextElapse'])}  {_moment(found['LastTrigger'])}"
                say(f"{moments}  {name}  {found['Unit']}")
            elif self.verb == "list-unit-files":
                say(f"{name} {found.get('UnitFileState', '')}")
            elif not timers:
                say(f"{name} {found['LoadState']} {found['ActiveState']} {found['SubState']}")
        return 0

    def reload_or_restart(self) -> int:
        for name in self.names:
            if not self.ask("reload", name):
                self.ask("restart", name)
        return 0

    def is_system_running(self) -> int:
        failed = [name for name in self.ask("names") if self.ask("show", name)["ActiveState"] == "failed"]
        say("degraded" if failed else "running")
        return int(bool(failed))


def _say_newest_lines(unit: str) -> None:
    from pathlib import Path

    from sandbox.guest.init.journal import FILE, entries
    from sandbox.guest.standins.journalctl import text

    for entry in list(entries(Path(root() + FILE), {unit}))[-10:]:
        say(text(entry))


def run(_: str, arguments: list[str]) -> int:
    if "--version" in arguments:
        say("systemd 229 (stand-in of the sandbox)")
        return 0
    if "--user" in arguments:
        raise Refused("systemctl --user: this stand-in has only the system's manager")  # noqa: EM101
    command = Systemctl(arguments)
    if command.verb in CHANGES:
        must_be_root(f"Failed to {command.verb}: Interactive authentication required.")
    if command.verb in ("poweroff", "reboot", "halt"):
        power.change("reboot" if command.verb == "reboot" else "poweroff")
        return 0
    verbs: dict[str, Callable[[], int]] = {
        "start": command.start,
        "stop": command.stop,
        "restart": lambda: command.start("restart"),
        "try-restart": lambda: command.start("restart"),
        "reload": lambda: command.start("reload"),
        "reload-or-restart": command.reload_or_restart,
        "enable": command.enable,
        "disable": command.disable,
        "daemon-reload": lambda: int(bool(command.ask("daemon-reload"))),
        "reset-failed": lambda: 0,
        "is-active": lambda: command.is_state(("active", "reloading"), 3),
        "is-failed": lambda: command.is_state(("failed",), 1),
        "is-enabled": command.is_enabled,
        "is-system-running": command.is_system_running,
        "show": command.show,
        "status": command.status,
        "cat": command.cat,
        "list-timers": command.listing,
        "list-units": command.listing,
        "list-unit-files": command.listing,
    }
    if command.verb not in verbs:
        raise Refused(f"Unknown command verb {command.verb} (this stand-in knows {', '.join(sorted(verbs))})")  # noqa: EM102
    return verbs[command.verb]()


def _moment(stamp: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(stamp)) if stamp else "n/a"
