"""`lab lesson`: the timetable's start and stop, for cron or a scheduled workflow."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from lab import class_file, timetable
from lab.class_operation import switch_class
from lab.errors import LabError
from lab.options import Parallel, Stagger
from lab.project import find_project

Every = Annotated[
    int, typer.Option("--every", min=1, max=120, help="Minutes between two calls: how late is still now.")
]
At = Annotated[str, typer.Option("--at", help="Instead of now: 2026-11-24T09:50, in the class's time zone.")]


def lesson(every: Every = 15, at: At = "", stagger: Stagger = 0.0, parallel: Parallel = None) -> None:
    """Start the machines where a lesson of class.yaml is about to begin, stop them where one has ended.

    Made to be called every few minutes: between these two moments it does nothing, so that a student who
    switches a machine on or off by hand is left alone.
    """
    limits = class_file.load(find_project())
    now = moment(at, ZoneInfo(limits.time_zone))
    due = timetable.due(limits.lessons, now, every)
    if due is None:
        print(f"{now:%a %H:%M}: nothing to switch.")
        return
    print(f"{now:%a %H:%M}: {due} the class.")
    switch_class(due, (), parallel, stagger, as_json=False)


def moment(at: str, zone: ZoneInfo) -> datetime:
    """Raises LabError for what is no time."""
    if not at:
        return datetime.now(zone)
    try:
        return datetime.fromisoformat(at).replace(tzinfo=zone)
    except ValueError:
        message = f"--at {at}: give a time as in 2026-11-24T09:50"
        raise LabError(message) from None
