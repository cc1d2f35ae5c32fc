"""`lab handout`: each student's zip to unpack at home."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lab import class_operation, jobs, outputs, parallelism, progress
from lab import handout as student_handout
from lab.options import Json, Parallel, Students
from lab.run_result import Result

Output = Annotated[Path, typer.Option("--output", "-o", help="The folder for the zips; they hold secrets.")]


def handout(
    students: Students = None,
    output: Output = Path(".lab/handout"),
    parallel: Parallel = None,
    json: Json = False,
) -> None:
    """Write each student's zip with key, SSH configuration and notebook address, to unpack at home."""
    group = class_operation.open_class(students or ())

    def one(student: str) -> Result:
        exported = outputs.read(student, group.pulumi.executable)
        path = student_handout.write(exported, output)
        return Result(student, "handout", "succeeded", note=str(path))

    todo = {student.name: partial(one, student.name) for student in group.students}
    with progress.reporter_for("handout", len(todo), Console(stderr=True)) as reporter:
        results = jobs.run_all("handout", todo, parallel or parallelism.default_parallel(), reporter)
    class_operation.conclude("handout", results, json)
