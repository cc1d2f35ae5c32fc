"""`lab lesson`: the timetable's start and stop, for cron or a scheduled workflow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from lab import class_file, clock, extensions, lesson_record, timetable
from lab.class_machines import switch_results
from lab.class_operation import Class, conclude, open_class
from lab.lesson_record import LessonRecord
from lab.options import Json, Parallel, Stagger
from lab.power import Switch
from lab.project import find_project
from lab.run_result import Result

Every = Annotated[
    int, typer.Option("--every", min=1, max=120, help="Minutes that the first call looks back.")
]
At = Annotated[str, typer.Option("--at", help="Instead of now: 2026-11-24T09:50, in the class's time zone.")]


def lesson(
    every: Every = 15,
    at: At = "",
    stagger: Stagger = 0.0,
    parallel: Parallel = None,
    json: Json = False,
) -> None:
    """Start the machines where a lesson of class.yaml is about to begin, stop them where one has ended.

    Made to be called every few minutes: between these two moments it does nothing, so that a student who
    switches a machine on or off by hand is left alone. A call that came late, or failed, is made up for.
    """
    project = find_project()
    limits = class_file.load(project)
    now = clock.moment(at, limits)
    record = LessonRecord() if at else lesson_record.load(project)
    due = timetable.due(limits.lessons, record.since(now, every), now)
    wanted: Sequence[str] = ()
    if due is None and record.again:
        due, wanted = record.switch, record.again
    typer.echo(f"{now:%a %H:%M}: {f'{due} the class' if due else 'nothing to switch'}.", err=True)
    results: list[Result] = []
    if due:
        group = open_class(()).only(lambda student: not wanted or student.name in wanted)
        results = switch_results(due, without_extended(group, due, now), parallel, stagger)
    if not at:
        again = tuple(each.student for each in results if each.is_bad)
        lesson_record.save(project, LessonRecord(looked=now, switch=due, again=again))
    if due or json:
        conclude(due or "lesson", results, json)


def without_extended(group: Class, due: Switch, now: datetime) -> Class:
    """Who was kept on by `lab extend` is not stopped."""
    kept = extensions.kept_on(group.project, now) if due == "stop" else {}
    for name, until in kept.items():
        local = until.astimezone(now.tzinfo)
        typer.echo(f"{name} stays on until {local:%a %H:%M}, by `lab extend`.", err=True)
    return group.only(lambda student: student.name not in kept)
