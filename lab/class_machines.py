"""A class's machines: as the API has them, switched through it, or worked on over SSH."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import typer
from rich.console import Console

from lab import account, class_file, clock, jobs, ledger, outputs, parallelism, power, progress
from lab.account import Account
from lab.class_operation import Class, Wishes, conclude, open_class
from lab.machine_shell import PARALLEL
from lab.outputs import Outputs
from lab.power import Switch
from lab.project import Project
from lab.pulumi_command import Recorded
from lab.run_result import Result
from lab.student_machines import StudentMachine, gather
from provider import credentials
from provider.client import PaperspaceClient
from provider.errors import PaperspaceError


def student_machines(group: Class, parallel: int | None, show_secrets: bool = False) -> list[StudentMachine]:
    """Everybody's machine as the API has it. Raises LabError and provider.errors.

    show_secrets: with the keys that open the machines.
    """
    with credentials.client_from_environment() as client:
        held = account.read(client)
    return gather_from(held, group, parallel or parallelism.default_parallel(), show_secrets)


def gather_from(
    held: Account, group: Class, parallel: int, show_secrets: bool = False
) -> list[StudentMachine]:
    """Also writes down what everything costs at this moment."""
    found = gather(group.project, group.pulumi, group.students, group.resources, held, parallel, show_secrets)
    ledger.record(group.project, found, held.machines, datetime.now(UTC))
    return found


def with_every_stack(group: Class) -> Class:
    """Also the stacks whose student has no file (any more)."""
    there = {student.name for student in group.students}
    others = [name for name in group.resources if name not in there]
    if not others:
        return group
    found = group.project.chosen(others, without_file=others)
    return replace(group, students=[*group.students, *found])


def switch_class(switch: Switch, wishes: Wishes, at: str) -> None:
    """`lab start` and `lab stop`; `at` a time of the class's zone to wait for, or empty."""
    group = open_class(wishes.students)
    if at:
        clock.wait_until(clock.moment(at, class_file.load(group.project)), switch)
    conclude(switch, switch_results(switch, group, wishes.parallel, wishes.stagger), wishes.as_json)


def switch_results(switch: Switch, group: Class, parallel: int | None, stagger: float) -> list[Result]:
    with credentials.client_from_environment() as client:
        machines = gather_from(account.read(client), group, parallel or parallelism.default_parallel())
        with progress.reporter_for(switch, len(machines), Console(stderr=True)) as reporter:
            results = power.switch_all(client, switch, machines, stagger, reporter)
        if any(result.changes or result.is_bad for result in results):
            record_switched(client, group.project, machines)
    return results


def record_switched(client: PaperspaceClient, project: Project, machines: Sequence[StudentMachine]) -> None:
    """What everything costs from now on: the rate from before would be charged until somebody looks again."""
    try:
        held = account.read(client)
    except PaperspaceError as failure:
        typer.echo(f"what the machines cost now is not written down: {failure}", err=True)
        return
    now = [replace(each, machine=held.machines.get(each.machine_id)) for each in machines]
    ledger.record(project, now, held.machines, datetime.now(UTC))


@dataclass(frozen=True)
class OnMachines:
    """Work on every machine that is on: `one` gets student, outputs, and how it tells what it is at.

    A machine that is not on is a failure only where the student was named.
    """

    operation: str
    one: Callable[[str, Outputs, Callable[[str], None]], Result]
    is_named: bool
    at_once: int = PARALLEL


def on_machines(work: OnMachines, group: Class, parallel: int | None = None) -> list[Result]:
    """Everybody's result. `parallel`: how many stacks are read at once."""
    machines = student_machines(group, parallel, show_secrets=True)
    with progress.reporter_for(work.operation, len(machines), Console(stderr=True)) as reporter:

        def job(each: StudentMachine) -> Result:
            name = each.student.name
            if problem := power.not_on(each):
                left_out = Result(name, work.operation, "absent", note=problem)
                return Result(name, work.operation, "failed", problem) if work.is_named else left_out
            return work.one(name, outputs.parse(name, each.outputs), partial(reporter.at, name))

        todo = {each.student.name: partial(job, each) for each in machines}
        return jobs.run_all(work.operation, todo, work.at_once, reporter)


def recorded_in(group: Class, names: Sequence[str], parallel: int) -> dict[str, Recorded]:
    """What these stacks hold. Raises LabError: an unread state would make orphans of its machines."""
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        return dict(zip(names, pool.map(group.pulumi.recorded, names), strict=True))
