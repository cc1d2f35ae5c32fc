"""`lab destroy`."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from lab import destruction, parallelism
from lab.class_machines import recorded_in
from lab.class_operation import Wishes, conclude, open_class, run
from lab.options import Json, Parallel, Stagger, Students, Yes


def destroy(
    students: Students = None,
    yes: Yes = False,
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
) -> None:
    """Delete each student's machine, disk, address and script, after an archive of the home folder."""
    group = open_class(students or ())
    at_once = parallel or parallelism.default_parallel()
    recorded = recorded_in(group, [student.name for student in destruction.doomed(group)], at_once)
    typer.echo(destruction.what_goes(group, recorded), err=True)
    if not yes:
        typer.echo("Nothing was done. To do it: the same with --yes", err=True)
        raise typer.Exit(1)
    began = datetime.now(UTC).replace(microsecond=0)
    results = run("destroy", group, Wishes((), parallel, stagger, json))
    made = destruction.made_since(recorded, began)
    failed = [result.student for result in results if result.is_bad and result.student in recorded]
    left = recorded_in(group, failed, at_once)
    for line in destruction.aftermath(results, made, left):
        typer.echo(line, err=json)
    conclude("destroy", results, json, {each.student: each.as_json() for each in made})
