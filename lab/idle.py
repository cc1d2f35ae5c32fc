"""The idle stop of a student's machine, over SSH: what it last thought, and how it is told to wait."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, tzinfo

from lab import machine_shell, outputs
from lab.errors import LabError
from lab.outputs import Outputs, StackNotUp
from lab.student_machines import StudentMachine
from provider.states import READY

MOST_HOURS = 24
"""What the machine takes (components/guest/idle_stop.py)."""

NO_IDLE_STOP = 127
LOOK = """\
systemctl is-active fastai-idle-stop.timer || true
tail -n 3 "${GUEST_ROOT:-}/var/lib/fastai/idle_ledger" 2>/dev/null || true
"""
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z"


class NotExtended(LabError):
    """The machine did not take the extension; the text says why."""


@dataclass(frozen=True)
class IdleLook:
    """One look. `armed`: the timer runs; None where nobody could look, for `silence`.

    `ledger`: its last lines, `<UTC time> <action>: <reason>`, newest last.
    """

    armed: bool | None = None
    ledger: tuple[str, ...] = ()
    silence: str = ""


def look(exported: Outputs) -> IdleLook:
    """Never raises what is this machine's own trouble."""
    try:
        answer = machine_shell.ask(exported, LOOK)
    except LabError as failure:
        return IdleLook(silence=str(failure))
    lines = answer.printed.splitlines()
    if not lines:
        return IdleLook(silence=f"no answer: {answer.told.strip()[:200] or answer.code}")
    return IdleLook(lines[0].strip() == "active", tuple(filter(None, map(str.strip, lines[1:]))))


def looks(machines: Sequence[StudentMachine]) -> dict[str, IdleLook]:
    """At every machine that is on, by student; `machines` with their secrets."""

    def one(each: StudentMachine) -> IdleLook:
        try:
            return look(outputs.parse(each.student.name, each.outputs))
        except StackNotUp as failure:
            return IdleLook(silence=str(failure))

    on = [each for each in machines if each.state == READY and each.outputs]
    with ThreadPoolExecutor(max_workers=machine_shell.PARALLEL) as pool:
        found = list(pool.map(one, on))
    return {each.student.name: told for each, told in zip(on, found, strict=True)}


def extend(exported: Outputs, hours: float) -> list[str]:
    """What the machine says to it, a line each; 0 hours take an extension back.

    Raises MachineSilent, and NotExtended where the machine refuses or has no idle stop.
    """
    answer = machine_shell.ask(exported, f"idle-stop extend {hours:g}")
    if answer.code == NO_IDLE_STOP:
        message = (
            "nothing to extend: the machine has no idle stop (idle_stop_minutes is 0, or `lab up` failed)"
        )
        raise NotExtended(message)
    if answer.code:
        message = answer.told.strip() or f"idle-stop ended with {answer.code}"
        raise NotExtended(message)
    return [line.strip() for line in answer.printed.splitlines() if line.strip()]


def until_in(lines: list[str]) -> datetime | None:
    """The time that the machine's answer names; None where it names none."""
    found = re.search(rf"until ({STAMP})", " ".join(lines))
    return datetime.fromisoformat(found[1]) if found else None


def reason_in(ledger: tuple[str, ...], zone: tzinfo) -> str:
    """The newest line for people: `24 Nov 14:24 power off: no use for 70 min`; empty without a ledger."""
    if not ledger:
        return ""
    stamp, _, rest = ledger[-1].partition(" ")
    if not re.fullmatch(STAMP, stamp):
        return ledger[-1]
    return f"{datetime.fromisoformat(stamp).astimezone(zone):%-d %b %H:%M} {rest}"
