"""`lab destroy`."""

from __future__ import annotations

import typer

from lab import estimate
from lab.class_operation import Class, Wishes, conclude, open_class, run
from lab.options import Json, Parallel, Stagger, Students, Yes


def destroy(
    students: Students = None,
    yes: Yes = False,
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
) -> None:
    """Delete each student's machine with its disk, address and script; the files in students/ stay."""
    group = open_class(students or ())
    typer.echo(what_goes(group), err=True)
    if not yes:
        typer.echo("Nothing was done. To do it: the same with --yes", err=True)
        raise typer.Exit(1)
    conclude("destroy", run("destroy", group, Wishes((), parallel, stagger, json)), json)


def what_goes(group: Class) -> str:
    """How many machines, whose, and what they cost until then."""
    doomed = [student for student in group.existing if group.resources[student.name]]
    if not doomed:
        return "No stack of these holds anything."
    monthly = sum(estimate.monthly_off(group.project, student) for student in doomed)
    names = ", ".join(student.name for student in doomed)
    what = "1 stack with its machine and everything on its disk"
    if len(doomed) > 1:
        what = f"{len(doomed)} stacks with their machines and everything on their disks"
    return f"{what}: {names}\nThat is ${monthly:.2f} a month for disks and addresses alone, also while off."
