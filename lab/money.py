"""What each student's machine cost this month as far as it was seen, and what the month will come to. USD."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lab import ledger
from lab.class_file import ClassFile
from lab.ledger import Spent
from lab.project import Project
from lab.student_machines import StudentMachine


@dataclass(frozen=True)
class StudentMonth:
    """`so_far`: seen; `unseen_hours`: hours that nobody looked at; `planned`: a month by the file."""

    student: str
    so_far: float
    unseen_hours: float
    projected: float
    planned: float
    over_budget: bool


def months(
    project: Project, machines: Sequence[StudentMachine], limits: ClassFile, now: datetime
) -> dict[str, StudentMonth]:
    """Everybody's month at `now`, which has a zone."""
    spent = ledger.spent(ledger.read(project, now.astimezone(UTC)), now)
    return {
        each.student.name: month_of(each, spent.get(each.student.name, Spent()), limits, now)
        for each in machines
    }


def month_of(each: StudentMachine, spent: Spent, limits: ClassFile, now: datetime) -> StudentMonth:
    rest = each.monthly_planned * rest_of_month(now) if each.machine else 0.0
    projected = spent.seen + rest
    return StudentMonth(
        each.student.name,
        round(spent.seen, 2),
        round(spent.unseen_hours, 1),
        round(projected, 2),
        each.monthly_planned,
        bool(limits.budget_per_student) and projected > limits.budget_per_student,
    )


def rest_of_month(now: datetime) -> float:
    """Part of the month that is still to come, 0 to 1."""
    days = calendar.monthrange(now.year, now.month)[1]
    return 1 - (now.day - 1 + now.hour / 24) / days
