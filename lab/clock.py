"""Times of day in the class's own time zone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import typer

from lab import timetable
from lab.class_file import ClassFile
from lab.errors import LabError

LOOK_AGAIN_SECONDS = 20.0
"""Short, so that a computer that slept meanwhile is not late by hours."""


def now_in_utc() -> datetime:
    return datetime.now(UTC)


def moment(text: str, limits: ClassFile) -> datetime:
    """The time that `text` names, now where it is empty. Raises LabError for what is no time."""
    now = datetime.now(ZoneInfo(limits.time_zone))
    try:
        return timetable.next_time(text, now) if text else now
    except ValueError:
        message = f"--at {text}: give a time as in 09:50 or 2026-11-24T09:50"
        raise LabError(message) from None


def wait_until(
    moment: datetime,
    what: str,
    clock: Callable[[], datetime] = now_in_utc,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Stays until `moment`, having said for what. One that is past is now."""
    typer.echo(f"Waiting until {moment:%a %-d %b %H:%M %Z} to {what}; Ctrl-C ends it.", err=True)
    while (left := (moment - clock()).total_seconds()) > 0:
        sleep(min(left, LOOK_AGAIN_SECONDS))
