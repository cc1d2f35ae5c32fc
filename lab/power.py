"""Switching many machines on and off, by the API and nothing else.

Why not `pulumi up` with another `power`: that would also carry out whatever else is pending in a student's
file, a replacement included, in the middle of the night. The stack stays truthful all the same: every preview
and `up` reads the machine first (Pulumi.yaml, `refresh: always`) and shows one that was switched as drift.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from lab.progress import Lines, LiveTable
from lab.run_result import Result
from lab.stacks import Gate
from lab.student_machines import StudentMachine
from provider import power
from provider.client import PaperspaceClient
from provider.errors import PaperspaceError
from provider.waiting import Waiter

Switch = Literal["start", "stop"]
PARALLEL = 16
"""Waiting threads; they cost next to nothing beside a running `pulumi`."""

ALREADY = {"start": "ready", "stop": "off"}


def switch_all(
    client: PaperspaceClient,
    switch: Switch,
    machines: Sequence[StudentMachine],
    stagger: float,
    reporter: Lines | LiveTable,
) -> list[Result]:
    """The results in order; one failure stops nobody else."""
    gate = Gate(stagger)

    def one(each: StudentMachine) -> Result:
        if each.machine and each.state != ALREADY[switch]:
            gate.wait()
        reporter.started(each.student.name)
        result = switched(client, switch, each)
        reporter.finished(result)
        return result

    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        return list(pool.map(one, machines))


def switched(client: PaperspaceClient, switch: Switch, each: StudentMachine) -> Result:
    """One machine, on or off at the end; a machine that is so already is left alone."""
    name = each.student.name
    if each.machine is None:
        return Result(name, switch, "failed" if each.machine_id else "absent", missing(each))
    if each.state == ALREADY[switch]:
        return Result(name, switch, "succeeded")
    began = time.monotonic()
    ensure = power.ensure_running if switch == "start" else power.ensure_off
    try:
        ensure(client, each.machine.id, Waiter())
    except PaperspaceError as failure:
        return Result(name, switch, "failed", str(failure).splitlines()[0], seconds_since(began))
    return Result(name, switch, "succeeded", "", seconds_since(began), {"update": 1})


def seconds_since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def missing(each: StudentMachine) -> str:
    if not each.machine_id:
        return ""
    return (
        f"machine {each.machine_id} is not in this account; is PAPERSPACE_API_URL right? else `lab refresh`"
    )
