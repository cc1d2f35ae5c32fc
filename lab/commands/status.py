"""`lab status`: who has which machine, in which state, and what it costs now."""

from __future__ import annotations

import json as json_format
from collections import Counter
from typing import Any

from lab import class_machines, class_operation, tables
from lab.options import Json, Parallel, Students
from lab.student_machines import StudentMachine
from lab.tables import usd
from lab.words import plural

COLUMNS = ("student", "state", "machine", "type", "region", "address", "$/h now", "$/mo off", "note")


def status(students: Students = None, parallel: Parallel = None, json: Json = False) -> None:
    """Show each student's machine, its state and what it costs at this moment."""
    found = class_machines.student_machines(class_operation.open_class(students or ()), parallel)
    if json:
        print(json_format.dumps([as_json(each) for each in found], indent=1))
        return
    tables.show(COLUMNS, map(row, found), numbers=("$/h now", "$/mo off"))
    print(totals(found))


def row(each: StudentMachine) -> list[str]:
    address = each.machine.public_ip if each.machine else None
    return [
        each.student.name,
        each.state,
        each.machine_id,
        each.machine_type,
        each.region_code,
        address or "",
        f"{each.hourly_now:.2f}" if each.hourly_now else "",
        f"{each.monthly_fixed:.2f}" if each.monthly_fixed else "",
        note(each),
    ]


def note(each: StudentMachine) -> str:
    if not each.student.file.exists():
        return "no file any more, the stack is still there"
    if each.state == "gone":
        return "deleted behind Pulumi's back; `lab up` makes a new one"
    if each.is_unfinished:
        return f"`lab up {each.student.name}` has not finished; run it again"
    return each.never_stops


def totals(found: list[StudentMachine]) -> str:
    states = ", ".join(f"{count} {state}" for state, count in Counter(e.state for e in found).most_common())
    hourly, fixed = sum(e.hourly_now for e in found), sum(e.monthly_fixed for e in found)
    return (
        f"{plural(len(found), 'student')}: {states}. Running now: {usd(hourly)} an hour; "
        f"disks and addresses: {usd(fixed)} a month, also while off."
    )


def as_json(each: StudentMachine) -> dict[str, Any]:
    return {
        "student": each.student.name,
        "state": each.state,
        "machine_id": each.machine_id,
        "machine_type": each.machine_type,
        "region": each.region,
        "public_ip": each.machine.public_ip if each.machine else None,
        "hourly_now": each.hourly_now,
        "monthly_fixed": each.monthly_fixed,
        "note": note(each),
    }
