"""Switching many machines on and off, by the API and nothing else.

Why not `pulumi up` with another `power`: that would also carry out whatever else is pending in a student's
file, a replacement included, in the middle of the night. The stack stays truthful all the same: every preview
and `up` reads the machine first (Pulumi.yaml, `refresh: always`) and shows one that was switched as drift.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Literal

from lab import jobs
from lab.progress import Lines, LiveTable
from lab.run_result import Result
from lab.stack_run import NOT_STARTED
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
            if gate.is_open:
                return Result(each.student.name, switch, "interrupted", NOT_STARTED)
        return switched(client, switch, each)

    switches = {each.student.name: partial(one, each) for each in machines}
    return jobs.run_all(switch, switches, PARALLEL, reporter, gate)


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


def not_on(each: StudentMachine) -> str:
    """Why nobody can log in; empty where the machine is on."""
    name = each.student.name
    if each.is_unfinished:
        return f"lab up has not finished yet; lab up {name} goes on with it"
    if not each.outputs:
        return f"no machine yet; lab up {name} makes one"
    if each.machine is None:
        return missing(each)
    if each.state == "off":
        return f"the machine is off; lab start {name} switches it on"
    is_on = each.state == ALREADY["start"]
    return "" if is_on else f"the machine is {each.state}; try again when it is ready"


def seconds_since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def missing(each: StudentMachine) -> str:
    if not each.machine_id:
        return ""
    return (
        f"machine {each.machine_id} is not in this account; is PAPERSPACE_API_URL right? else `lab refresh`"
    )
