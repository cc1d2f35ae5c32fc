"""`lab report`: one HTML page about the class."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from lab import class_file, class_machines, class_operation, idle
from lab import report as class_report
from lab.atomic import write_text
from lab.options import Json, Look, Parallel, Students
from lab.words import plural

Output = Annotated[Path, typer.Option("--output", "-o", help="Where the page is written.")]


def report(
    students: Students = None,
    output: Output = Path("report.html"),
    look: Look = True,
    parallel: Parallel = None,
    json: Json = False,
) -> None:
    """Write one HTML page: who is ready, cost so far and projected, idle reasons, drift, failures."""
    group = class_operation.open_class(students or ())
    limits = class_file.load(group.project)
    machines = class_machines.student_machines(group, parallel, show_secrets=look)
    looks = idle.looks(machines) if look else {}
    now = datetime.now(ZoneInfo(limits.time_zone))
    made = class_report.make(group.project, machines, looks, limits, now)
    write_text(output, class_report.render(made))
    silent = [name for name, each in looks.items() if each.silence]
    if json:
        rows = [asdict(row) for row in made.rows]
        print(json_format.dumps({"page": str(output), "at": now.isoformat(), "students": rows}, indent=1))
        return
    print(f"{output}: {plural(len(machines), 'student')}")
    if silent:
        print(f"Not reached by SSH: {', '.join(silent)}")
