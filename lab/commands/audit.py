"""`lab audit`: what runs and would not stop, what nobody knows of, and what each student cost this month."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from lab import account, class_file, class_machines, class_operation, idle, money, parallelism, sweep, tables
from lab import audit as auditing
from lab.commands.sweep import show
from lab.money import StudentMonth
from lab.options import Json, Look, Parallel
from lab.tables import usd
from provider import credentials

COLUMNS = ("student", "$ so far", "hours unseen", "$ projected", "$ planned", "note")


def audit(look: Look = True, parallel: Parallel = None, json: Json = False) -> None:
    """Find machines that nothing would stop, and orphans; show each student's money this month."""
    group = class_machines.with_every_stack(class_operation.open_class([]))
    limits = class_file.load(group.project)
    at_once = parallel or parallelism.default_parallel()
    with credentials.client_from_environment() as client:
        held = account.read(client)
    machines = class_machines.gather_from(held, group, at_once, show_secrets=look)
    looks = idle.looks(machines) if look else {}
    recorded = class_machines.recorded_in(group, list(group.resources), at_once)
    found = [
        *auditing.unstopped(machines, looks),
        *sweep.findings(machines, sweep.silent(machines), recorded, held),
    ]
    months = money.months(group.project, machines, limits, datetime.now(ZoneInfo(limits.time_zone)))
    if json:
        told = {"findings": list(map(asdict, found)), "students": list(map(asdict, months.values()))}
        print(json_format.dumps(told, indent=1))
    else:
        show(found, held, as_json=False)
        show_money(list(months.values()))
    if found:
        raise typer.Exit(1)


def show_money(months: Sequence[StudentMonth]) -> None:
    rows = [
        [
            each.student,
            f"{each.so_far:.2f}",
            f"{each.unseen_hours:.1f}",
            f"{each.projected:.2f}",
            f"{each.planned:.2f}",
            "over budget" if each.over_budget else "",
        ]
        for each in months
    ]
    tables.show(COLUMNS, rows, numbers=COLUMNS[1:5])
    so_far, projected = sum(each.so_far for each in months), sum(each.projected for each in months)
    print(f"The class this month: {usd(so_far)} seen, {usd(projected)} projected.")
