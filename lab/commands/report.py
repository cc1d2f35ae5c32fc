"""`lab report`: one HTML page about the class."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from lab import class_file, class_operation
from lab import report as class_report
from lab.atomic import write_text
from lab.options import Parallel, Students
from lab.words import plural

Output = Annotated[Path, typer.Option("--output", "-o", help="Where the page is written.")]


def report(
    students: Students = None, output: Output = Path("report.html"), parallel: Parallel = None
) -> None:
    """Write one HTML page: who is ready, cost so far and projected, drift, failures."""
    group = class_operation.open_class(students or ())
    limits = class_file.load(group.project)
    machines = class_operation.student_machines(group, parallel)
    now = datetime.now(ZoneInfo(limits.time_zone))
    page = class_report.render(class_report.make(group.project, machines, limits, now))
    write_text(output, page)
    print(f"{output}: {plural(len(machines), 'student')}")
