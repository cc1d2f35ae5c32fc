"""`lab restore`: put an archive back onto a student's machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from lab import archives, class_machines, class_operation
from lab.class_machines import OnMachines
from lab.errors import LabError
from lab.options import Json, Stack
from lab.outputs import Outputs
from lab.run_result import Result

From = Annotated[
    str, typer.Option("--from", help="The archive's path, or latest: `lab archives` lists them.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Also an archive of another student.")]


def restore(stack: Stack, from_: From = "latest", yes: Yes = False, json: Json = False) -> None:
    """Put an archive back onto a machine; what is there and differs is moved aside, never lost."""
    group = class_operation.open_class([stack])
    archive = archives.find(group.project, stack, from_)
    if archive.record and archive.record.stack not in (stack, "") and not yes:
        message = f"{archive.path} is of {archive.record.stack}, not of {stack}; if it is meant so, add --yes"
        raise LabError(message)

    def one(student: str, exported: Outputs, tell: Callable[[str], None]) -> Result:
        lines = archives.restore(archive, exported, tell)
        return Result(student, "restore", "succeeded", note="; ".join(lines))

    work = OnMachines("restore", one, is_named=True)
    class_operation.conclude("restore", class_machines.on_machines(work, group), json)
