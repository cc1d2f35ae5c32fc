"""`lab extend`: keep machines on for some hours more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from lab import class_file, class_machines, class_operation, extensions, idle
from lab.class_machines import OnMachines
from lab.options import Json, Parallel, Students
from lab.outputs import Outputs
from lab.run_result import Result

Hours = Annotated[
    float,
    typer.Option("--hours", min=0, max=idle.MOST_HOURS, help="From now on; 0 takes an extension back."),
]


def extend(
    students: Students = None, hours: Hours = 2, parallel: Parallel = None, json: Json = False
) -> None:
    """Keep machines on: no idle stop, and no stop by the timetable, before then. They are billed for it."""
    group = class_operation.open_class(students or ())
    zone = ZoneInfo(class_file.load(group.project).time_zone)
    kept: dict[str, datetime | None] = {}

    def one(student: str, exported: Outputs, _tell: Callable[[str], None]) -> Result:
        lines = idle.extend(exported, hours)
        kept[student] = until = idle.until_in(lines) if hours else None
        first = f"on until {until.astimezone(zone):%a %-d %b %H:%M %Z}" if until else lines[0]
        return Result(student, "extend", "succeeded", note="; ".join([first, *lines[1:]]))

    results = class_machines.on_machines(OnMachines("extend", one, bool(students)), group, parallel)
    extensions.record(group.project, kept, datetime.now(UTC))
    class_operation.conclude("extend", results, json)
