"""One HTML page about the class: who is ready, what it costs, what differs. It fetches nothing."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lab import charts, ledger
from lab.class_file import ClassFile
from lab.last_runs import drift, last_run, told
from lab.ledger import Sample, Spent
from lab.project import Project
from lab.student_machines import StudentMachine

TEMPLATES = Path(__file__).parent / "templates"
MOOD = {"ready": "good", "off": "calm", "no machine": "calm", "gone": "bad"}


@dataclass(frozen=True)
class ReportRow:
    """One student's line. Money in USD."""

    student: str
    state: str
    mood: str
    machine_type: str
    region: str
    hourly_now: float
    so_far: float
    unseen_hours: float
    projected: float
    planned: float
    over_budget: bool
    stops_itself: str
    last_run: str
    last_run_failed: bool
    drift: str


@dataclass(frozen=True)
class Report:
    """What the page shows."""

    title: str
    at: datetime
    rows: list[ReportRow]
    limits: ClassFile
    states: list[tuple[str, int]]
    charts: list[tuple[str, str]]

    @property
    def hourly_now(self) -> float:
        return sum(row.hourly_now for row in self.rows)

    @property
    def so_far(self) -> float:
        return sum(row.so_far for row in self.rows)

    @property
    def projected(self) -> float:
        return sum(row.projected for row in self.rows)

    @property
    def unseen_hours(self) -> float:
        return sum(row.unseen_hours for row in self.rows)

    @property
    def failed(self) -> list[ReportRow]:
        return [row for row in self.rows if row.last_run_failed]


def make(project: Project, machines: Sequence[StudentMachine], limits: ClassFile, now: datetime) -> Report:
    """The report at `now`, which has a zone; the month's samples come from the ledger."""
    samples = ledger.read(project, now.astimezone(UTC))
    spent = ledger.spent(samples, now)
    rows = [row_of(project, each, spent.get(each.student.name, Spent()), limits, now) for each in machines]
    states = Counter(row.state for row in rows).most_common()
    return Report(project.name, now, rows, limits, states, drawn(rows, states, samples, limits, now))


def row_of(
    project: Project, each: StudentMachine, spent: Spent, limits: ClassFile, now: datetime
) -> ReportRow:
    name = each.student.name
    projected = spent.seen + each.monthly_planned * rest_of_month(now) if each.machine else spent.seen
    run = last_run(project, name)
    return ReportRow(
        name,
        each.state,
        MOOD.get(each.state, "busy"),
        each.machine_type,
        each.region_code,
        each.hourly_now,
        round(spent.seen, 2),
        round(spent.unseen_hours, 1),
        round(projected, 2),
        each.monthly_planned,
        bool(limits.budget_per_student) and projected > limits.budget_per_student,
        stops_itself(each),
        told(run),
        run.get("outcome") in ("failed", "interrupted"),
        drift(project, name),
    )


def rest_of_month(now: datetime) -> float:
    """Part of the month that is still to come, 0 to 1."""
    days = calendar.monthrange(now.year, now.month)[1]
    return 1 - (now.day - 1 + now.hour / 24) / days


def stops_itself(each: StudentMachine) -> str:
    """What stops a forgotten machine: idle stop as the file has it, and Paperspace's own outer limit."""
    if each.machine is None:
        return ""
    idle = f"idle {each.idle_stop_minutes} min" if each.idle_stop_minutes else "no idle stop"
    outer = (
        f"{each.machine.auto_shutdown_timeout or 0:.0f} h"
        if each.machine.auto_shutdown_enabled
        else "no limit"
    )
    return f"{idle}, {outer}"


def drawn(
    rows: Sequence[ReportRow],
    states: Sequence[tuple[str, int]],
    samples: Sequence[Sample],
    limits: ClassFile,
    now: datetime,
) -> list[tuple[str, str]]:
    """(heading, SVG) of each chart that has something to show."""
    dear = sorted(rows, key=lambda row: -row.projected)[: charts.MOST_BARS]
    bars = [(row.student, row.so_far, row.projected) for row in dear if row.projected]
    days = daily(samples, now)
    found: list[tuple[str, str]] = [("Machines by state", charts.parts(states))]
    if len(days) > 1:
        found.append(("Seen spending of the class by day, USD", charts.columns(days)))
    if bars:
        heading = "This month: so far and projected, USD" + (", the dearest" if len(rows) > len(bars) else "")
        found.append((heading, charts.bars(bars, limits.budget_per_student)))
    return found


def daily(samples: Sequence[Sample], now: datetime) -> list[tuple[str, float]]:
    """(day of the month, USD seen that day), every day from the first sample on."""
    if not samples:
        return []
    totals = []
    for day in range(samples[0].at.astimezone(now.tzinfo).day, now.day + 1):
        begins, ends = at_day(now, day), min(at_day(now, day + 1), now)
        until_end = total(samples, ends)
        totals.append((str(day), round(until_end - total(samples, begins), 2)))
    return totals


def at_day(now: datetime, day: int) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=day - 1)


def total(samples: Sequence[Sample], until: datetime) -> float:
    before = [sample for sample in samples if sample.at <= until]
    return sum(spent.seen for spent in ledger.spent(before, until).values())


def render(report: Report) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html").render(r=report)
