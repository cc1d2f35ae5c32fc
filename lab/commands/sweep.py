"""`lab sweep`: find what is billed for nothing; stop or delete it on demand."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from lab import account, class_machines, class_operation, parallelism, power, tables
from lab import sweep as sweeping
from lab.account import Account
from lab.errors import LabError
from lab.options import Json, Parallel
from lab.student_machines import StudentMachine
from lab.sweep import Finding
from lab.words import plural
from provider import credentials, removal
from provider.client import PaperspaceClient
from provider.waiting import Waiter

LEFT_TO_A_PERSON = ("orphan", "no file", "unused address", "interrupted create")
"""What goes on being billed whatever `--yes` does."""

COLUMNS = ("kind", "id", "$/h", "$/mo", "what", "to do")

Do = Annotated[
    bool, typer.Option("--yes", "-y", help="Stop the machines that do not answer, where another does.")
]
Patience = Annotated[
    float,
    typer.Option("--patience", min=0, help="Seconds that a silent machine has before it is stopped."),
]
Delete = Annotated[
    list[str] | None, typer.Option("--delete", help="An orphan's id: delete that machine, with --yes.")
]


def sweep(
    yes: Do = False,
    delete: Delete = None,
    patience: Patience = sweeping.PATIENCE_SECONDS,
    parallel: Parallel = None,
    json: Json = False,
) -> None:
    """Find what is billed for nothing: machines off inside but billed, orphans, unused addresses."""
    group = class_operation.open_class([])
    group = class_machines.with_every_stack(group)
    at_once = parallel or parallelism.default_parallel()
    with credentials.client_from_environment() as client:
        held = account.read(client)
        machines = class_machines.gather_from(held, group, at_once)
        recorded = class_machines.recorded_in(group, list(group.resources), at_once)
        quiet = sweeping.silent(machines)
        found = sweeping.findings(machines, quiet, recorded, held)
        show(found, held, json)
        done = act(client, found, machines, quiet, delete or [], patience) if yes else False
        if yes and quiet:
            class_machines.record_switched(client, group.project, machines)
    if found and not done:
        raise typer.Exit(1)


def show(found: Sequence[Finding], held: Account, as_json: bool) -> None:
    if as_json:
        print(json_format.dumps([asdict(each) for each in found], indent=1))
        return
    rows = [[e.kind, e.subject, usd(e.hourly), usd(e.monthly), e.what, e.advice] for e in found]
    if rows:
        tables.show(COLUMNS, rows, numbers=("$/h", "$/mo"))
    others = sum(account.student_in(machine.name) is None for machine in held.machines.values())
    beside = f"; {others} other machines in the account are not this project's" if others else ""
    print(f"{plural(len(found), 'finding')} among {plural(len(held.machines), 'machine')}{beside}.")


def usd(amount: float) -> str:
    return f"{amount:.2f}" if amount else ""


def act(
    client: PaperspaceClient,
    found: Sequence[Finding],
    machines: Sequence[StudentMachine],
    quiet: Sequence[StudentMachine],
    delete: Sequence[str],
    patience: float,
) -> bool:
    """Deletes the named orphans and stops what goes on not answering; whether nothing is left to do."""
    orphans = {each.subject for each in found if each.kind == "orphan"}
    if wrong := sorted(set(delete) - orphans):
        message = f"--delete {' '.join(wrong)}: not among the orphans found; nothing was done"
        raise LabError(message)
    for machine_id in delete:
        removal.remove(client, removal.Belongings(machine_id), Waiter())
        typer.echo(f"deleted {machine_id}", err=True)
    if sweeping.silence_is_ours(machines, quiet):
        raise LabError(nobody_answers(quiet))
    lasting = sweeping.still_silent(quiet, patience)
    for each in quiet:
        if each not in lasting:
            typer.echo(f"{each.student.name}: answers now, was booting", err=True)
    results = [power.switched(client, "stop", each) for each in lasting]
    for result in results:
        typer.echo(f"{result.student}: {result.error or 'stopped'}", err=True)
    left = [each for each in found if each.kind in LEFT_TO_A_PERSON and each.subject not in delete]
    return not left and not any(result.is_bad for result in results)


def nobody_answers(quiet: Sequence[StudentMachine]) -> str:
    names = " ".join(each.student.name for each in quiet)
    return (
        f"no machine that is on answers ({names}): that may be this computer's network or a firewall. "
        f"Nothing was stopped; if you know that they are off inside: lab stop {names}"
    )
