"""`lab destroy`."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from lab import archive_guard, destruction, parallelism
from lab.class_machines import recorded_in
from lab.class_operation import Wishes, conclude, open_class, run
from lab.interrupts import told_if_interrupted
from lab.machine_states import states_of
from lab.options import Json, Parallel, Stagger, Students, Yes


def destroy(
    students: Students = None,
    yes: Yes = False,
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
) -> None:
    """Delete each student's machine, disk, address and script, after an archive of the home folder."""
    at_once = parallel or parallelism.default_parallel()
    with told_if_interrupted("Interrupted; nothing was deleted."):
        group = open_class(students or ())
        doomed = destruction.doomed(group)
        recorded = recorded_in(group, [student.name for student in doomed], at_once)
        refused = archive_guard.refusals(group.project, doomed, recorded)
    typer.echo(destruction.what_goes(group, recorded, refused), err=True)
    if not yes:
        typer.echo("Nothing was done. To do it: the same with --yes", err=True)
        raise typer.Exit(1)
    began = datetime.now(UTC).replace(microsecond=0)
    results = run("destroy", group, Wishes((), parallel, stagger, json), refused)
    made = destruction.made_since(recorded, began)
    failed = [result.student for result in results if result.is_bad and result.student in recorded]
    left = recorded_in(group, failed, at_once)
    states = states_of({each for stack in left.values() for each in stack.machine_ids})
    for line in destruction.aftermath(made, left, states):
        typer.echo(line, err=json)
    unguarded = archive_guard.refusals(group.project, [s for s in doomed if s.name in left], left)
    conclude("destroy", results, json, {each.student: each.as_json() for each in made}, unguarded)
    if not students and group.project.without_file(group.resources):
        raise typer.Exit(1)
