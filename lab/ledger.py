"""What was seen of the class's spending: a sample of every machine's rates each time `lab` asks the API.

Paperspace's API has no invoices (paperspace-api.md 1.3). So the month's cost is added up from samples: a rate
holds until the next one, at most for LONGEST_GAP; hours that nobody looked at count as unseen, not as free.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from lab.project import Project
from lab.student_machines import StudentMachine
from provider.prices import BILLED_HOURS_A_MONTH

LONGEST_GAP = timedelta(hours=1)


@dataclass(frozen=True)
class Sample:
    """One machine at one moment. USD an hour of computing, USD a month of disk and address.

    Both are 0 where the machine was found to be gone.
    """

    at: datetime
    student: str
    machine_id: str
    hourly: float
    monthly_fixed: float

    @property
    def costs_nothing(self) -> bool:
        return not self.hourly and not self.monthly_fixed


@dataclass(frozen=True)
class Spent:
    """USD since the month began: `seen` from samples; `unseen_hours` between samples too far apart."""

    seen: float = 0.0
    unseen_hours: float = 0.0


def path_in(project: Project, month: datetime) -> Path:
    return project.private / "ledger" / f"{month:%Y-%m}.jsonl"


def record(
    project: Project, machines: Iterable[StudentMachine], living: Container[str], now: datetime
) -> None:
    """Adds a sample of each machine, and a last one of each that is gone; one write, so that two `lab` at
    once do not mix lines.

    living: the ids of all the account's machines; `machines` may be some of the class.
    """
    seen = [
        Sample(now, e.student.name, e.machine_id, e.hourly_now, e.monthly_fixed)
        for e in machines
        if e.machine
    ]
    gone = closing(read(project, now), living, now)
    lines = [
        json.dumps([each.at.isoformat(), each.student, each.machine_id, each.hourly, each.monthly_fixed])
        for each in [*seen, *gone]
    ]
    if lines:
        path = path_in(project, now)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join([*lines, ""]))


def closing(samples: Iterable[Sample], living: Container[str], now: datetime) -> Iterator[Sample]:
    """Without these a machine that was destroyed would be charged until the month ends."""
    last = {(sample.student, sample.machine_id): sample for sample in samples}
    for sample in last.values():
        if sample.machine_id not in living and not sample.costs_nothing:
            yield replace(sample, at=now, hourly=0.0, monthly_fixed=0.0)


def read(project: Project, month: datetime) -> list[Sample]:
    """The month's samples, oldest first; a line that was cut off is passed over."""
    path = path_in(project, month)
    if not path.exists():
        return []
    return sorted(parsed(path.read_text(encoding="utf-8").splitlines()), key=lambda sample: sample.at)


def parsed(lines: Iterable[str]) -> Iterator[Sample]:
    for line in lines:
        try:
            at, student, machine_id, hourly, fixed = json.loads(line)
            yield Sample(datetime.fromisoformat(at), student, machine_id, float(hourly), float(fixed))
        except (ValueError, TypeError):
            continue


def spent(samples: Sequence[Sample], now: datetime) -> dict[str, Spent]:
    """Each student's month until `now`."""
    by_machine: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        by_machine.setdefault((sample.student, sample.machine_id), []).append(sample)
    totals: dict[str, Spent] = {}
    for (student, _), own in by_machine.items():
        before = totals.get(student, Spent())
        found = of_machine(own, now)
        totals[student] = Spent(before.seen + found.seen, before.unseen_hours + found.unseen_hours)
    return totals


def of_machine(samples: Sequence[Sample], now: datetime) -> Spent:
    seen, unseen = 0.0, 0.0
    ends = [sample.at for sample in samples[1:]] + [now]
    for sample, end in zip(samples, ends, strict=True):
        if sample.costs_nothing:
            continue
        hours = (end - sample.at) / timedelta(hours=1)
        known = min(hours, LONGEST_GAP / timedelta(hours=1))
        seen += known * sample.hourly + hours * sample.monthly_fixed / BILLED_HOURS_A_MONTH
        unseen += hours - known
    return Spent(round(seen, 4), round(unseen, 3))
