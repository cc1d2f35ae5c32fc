"""`lab handout`: each student's zip to unpack at home."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from lab import class_operation, outputs, parallelism
from lab import handout as student_handout
from lab.options import Students
from lab.outputs import StackNotUp
from lab.project import Student

Output = Annotated[Path, typer.Option("--output", "-o", help="The folder for the zips; they hold secrets.")]


def handout(students: Students = None, output: Output = Path(".lab/handout")) -> None:
    """Write each student's zip with key, SSH configuration and notebook address, to unpack at home."""
    group = class_operation.open_class(students or ())

    def one(student: Student) -> str:
        try:
            exported = outputs.read(student.name, group.pulumi.executable)
            return f"{student.name}: {student_handout.write(exported, output)}"
        except StackNotUp as failure:
            return f"{student.name}: FAILED  {failure}"

    with ThreadPoolExecutor(max_workers=parallelism.default_parallel()) as pool:
        told = list(pool.map(one, group.students))
    for line in told:
        print(line)
    if any(": FAILED  " in line for line in told):
        raise typer.Exit(1)
