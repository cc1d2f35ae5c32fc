"""One `pulumi` operation on a class, from the command line's words to the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from lab import (
    class_file,
    estimate,
    parallelism,
    progress,
    stacks,
    workspace,
)
from lab.errors import LabError
from lab.guard import Guard
from lab.interrupts import STATUS_INTERRUPTED
from lab.project import Project, Student, find_project
from lab.pulumi_command import Operation, Pulumi
from lab.run_result import Result


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for."""

    students: Sequence[str] = ()
    parallel: int | None = None
    stagger: float = 0.0
    as_json: bool = False
    traces: Path | None = None
    without_state: bool = False


@dataclass(frozen=True)
class Class:
    """The project, its `pulumi`, the chosen students and the stacks there are."""

    project: Project
    pulumi: Pulumi
    students: list[Student]
    resources: dict[str, int]

    @property
    def existing(self) -> list[Student]:
        return [student for student in self.students if student.name in self.resources]

    def only(self, belongs: Callable[[Student], bool]) -> Class:
        return replace(self, students=[student for student in self.students if belongs(student)])


def open_class(names: Sequence[str], without_state: bool = False) -> Class:
    """Tells on stderr whose stack is left out of a whole class, as the file is gone.

    Raises LabError where the stacks cannot be listed: an unread list is not an empty one.
    """
    project = find_project()
    pulumi = Pulumi.chosen(workspace.of_project(project))
    resources = {} if without_state else pulumi.stacks()
    students = project.chosen(names, without_file=resources)
    if not names and (left_out := " ".join(project.without_file(resources))):
        typer.echo(
            f"Not in the class, as the file is gone: {left_out}; lab destroy {left_out} --yes", err=True
        )
    if not students:
        message = (
            f"no students: {project.students_folder} holds no Pulumi.<student>.yaml; see `lab roster --help`"
        )
        raise LabError(message)
    return Class(project, pulumi, students, resources)


def run(
    operation: Operation, group: Class, wishes: Wishes, refused: Mapping[str, str] | None = None
) -> list[Result]:
    """Runs the operation for everybody in `group` but the refused, showing how it goes on stderr."""
    console = Console(stderr=True)
    guard = Guard(group.project, class_file.load(group.project), refused or {})
    traces = (wishes.traces or group.project.private / "runs" / operation).absolute()
    pace = stacks.Pace(wishes.parallel or parallelism.default_parallel(), wishes.stagger)
    existing = None if wishes.without_state else set(group.resources)
    with progress.reporter_for(operation, len(group.students), console) as reporter:
        return stacks.run_all(
            group.pulumi, operation, group.students, existing, traces, pace, guard, reporter
        )


def conclude(
    operation: str,
    results: Sequence[Result],
    as_json: bool,
    archived: Mapping[str, Any] | None = None,
    unguarded: Collection[str] = (),
) -> None:
    """Prints the summary and ends with 0, 1 where somebody failed, 130 where it was interrupted.

    archived: what JSON is to say beside a student's result. unguarded: as progress.summary has it.
    """
    if as_json:
        told = [asdict(result) for result in results]
        if archived is not None:
            told = [{**each, "archive": archived.get(each["student"])} for each in told]
        typer.echo(json.dumps({"operation": operation, "students": told}, indent=1))
    else:
        typer.echo(progress.summary(operation, results, unguarded))
    outcomes = {result.outcome for result in results}
    if "interrupted" in outcomes:
        raise typer.Exit(STATUS_INTERRUPTED)
    if "failed" in outcomes:
        raise typer.Exit(1)


def perform(operation: Operation, wishes: Wishes) -> None:
    """`lab preview`, `lab up`, `lab refresh`."""
    group = open_class(wishes.students, wishes.without_state)
    over = class_over_budget(group.project)
    if over and operation == "up":
        raise LabError(over)
    conclude(operation, run(operation, group, wishes), wishes.as_json)
    if over and operation == "preview":
        message = f"`lab up` will refuse: {over}"
        raise LabError(message)


def class_over_budget(project: Project) -> str:
    """What is over class.yaml's limit for all; empty where nothing is."""
    limit = class_file.load(project).budget_of_class
    estimates = [estimate.of_student(project, student) for student in project.all_students()]
    total = sum(each.monthly for each in estimates if each)
    if not limit or total <= limit:
        return ""
    return f"the class costs {total:.2f} USD a month, {class_file.NAME} allows {limit:.2f}; see `lab cost`"
