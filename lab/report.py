"""One HTML page about the class: who is ready, what it costs, what differs. It fetches nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lab import charts, idle, ledger, money
from lab.class_file import ClassFile
from lab.idle import IdleLook
from lab.last_runs import drift, last_run, told
from lab.ledger import Sample
from lab.money import StudentMonth
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
    never_stops: bool
    idle: str
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


def make(
    project: Project,
    machines: Sequence[StudentMachine],
    looks: Mapping[str, IdleLook],
    limits: ClassFile,
    now: datetime,
) -> Report:
    """The report at `now`, which has a zone; the month's samples come from the ledger.

    looks: at the idle stops of the machines that are on, by student.
    """
    samples = ledger.read(project, now.astimezone(UTC))
    months = money.months(project, machines, limits, now)
    rows = [
        row_of(project, each, looks.get(each.student.name), months[each.student.name], now)
        for each in machines
    ]
    states = Counter(row.state for row in rows).most_common()
    return Report(project.name, now, rows, limits, states, drawn(rows, states, samples, limits, now))


def row_of(
    project: Project, each: StudentMachine, look: IdleLook | None, month: StudentMonth, now: datetime
) -> ReportRow:
    name = each.student.name
    run = last_run(project, name)
    return ReportRow(
        student=name,
        state=each.state,
        mood=MOOD.get(each.state, "busy"),
        machine_type=each.machine_type,
        region=each.region_code,
        hourly_now=each.hourly_now,
        so_far=month.so_far,
        unseen_hours=month.unseen_hours,
        projected=month.projected,
        planned=month.planned,
        over_budget=month.over_budget,
        stops_itself=stops_itself(each, look),
        never_stops=bool(each.never_stops) or (look is not None and look.armed is False),
        idle=idle_reason(look, now),
        last_run=told(run),
        last_run_failed=run.get("outcome") in ("failed", "interrupted"),
        drift=drift(project, name),
    )


def idle_reason(look: IdleLook | None, now: datetime) -> str:
    """What the machine's idle stop last thought; why nobody could ask it; empty for one that is off."""
    if look is None:
        return ""
    if look.silence:
        return f"not asked: {look.silence}"
    return idle.reason_in(look.ledger, now.tzinfo or UTC)


def stops_itself(each: StudentMachine, look: IdleLook | None) -> str:
    """What stops a forgotten machine: the idle stop as the file has it, and Paperspace's own outer limit.

    Where the machine itself was asked, it is believed.
    """
    if each.machine is None:
        return ""
    idle = f"idle {each.idle_stop_minutes} min" if each.idle_stop_minutes else "no idle stop"
    if each.idle_stop_minutes and look and look.armed is False:
        idle = "idle stop does not run"
    outer = (
        f"{each.machine.auto_shutdown_timeout or 0:.0f}\N{NO-BREAK SPACE}h"
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
