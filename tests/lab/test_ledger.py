"""The month's cost, added up from samples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab import ledger
from lab.ledger import Sample, Spent
from lab.project import Project, Student
from lab.student_machines import StudentMachine
from provider.models import Machine

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def sample(hours: float, hourly: float, machine_id: str = "ps1", fixed: float = 0.0) -> Sample:
    return Sample(NOON + timedelta(hours=hours), "anna", machine_id, hourly, fixed)


def spent(*samples: Sample, until: float) -> Spent:
    return ledger.spent(samples, NOON + timedelta(hours=until))["anna"]


def test_a_rate_holds_until_the_next_sample() -> None:
    found = spent(sample(0, 0.45), sample(0.5, 0.0), sample(1.0, 0.45), until=1.5)
    assert found == Spent(0.45, 0.0)


def test_hours_that_nobody_looked_at_are_unseen_and_not_free() -> None:
    assert spent(sample(0, 0.45), sample(10, 0.0), until=10) == Spent(0.45, 9.0)


def test_disk_and_address_cost_also_while_nobody_looks() -> None:
    found = spent(sample(0, 0.0, fixed=672.0), until=10)
    assert (found.seen, found.unseen_hours) == (10.0, 9.0)


def test_a_replaced_machine_counts_beside_its_successor() -> None:
    assert spent(sample(0, 1.0, "ps1"), sample(1, 1.0, "ps2"), until=1.5) == Spent(1.5, 0.5)


def test_samples_are_kept_by_month_and_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    project = Project(tmp_path)
    machine = Machine(id="ps1", name="fastai-anna-01234567", state="ready", usage_rate=0.45)
    anna = StudentMachine(Student("anna", tmp_path / "a"), {"monthly_fixed": 8.0}, machine, None)
    absent = StudentMachine(Student("bob", tmp_path / "b"), {}, None, None)
    ledger.record(project, [anna, absent], {"ps1"}, NOON)
    with ledger.path_in(project, NOON).open("a") as file:
        file.write('["2026-11-10T12:')
    assert ledger.read(project, NOON) == [Sample(NOON, "anna", "ps1", 0.45, 8.0)]
    assert ledger.read(project, NOON + timedelta(days=30)) == []


def test_a_machine_that_is_gone_is_charged_until_that_was_seen_and_its_hours_are_not_unseen(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path)
    for hours, living in ((0, {"ps1", "ps2"}), (0.5, {"ps2"}), (0.75, {"ps2"})):
        there = [having(tmp_path, name, each) for name, each in (("anna", "ps1"), ("bob", "ps2"))]
        asked = [each for each in there if each.machine_id in living and hours == 0]
        ledger.record(project, asked, living, NOON + timedelta(hours=hours))
    samples = ledger.read(project, NOON)
    assert [(each.machine_id, each.hourly) for each in samples] == [("ps1", 1.0), ("ps2", 1.0), ("ps1", 0.0)]
    found = ledger.spent(samples, NOON + timedelta(hours=10))
    assert found["anna"] == Spent(1.0, 0.0)
    assert found["bob"] == Spent(11.0, 9.0)


def having(folder: Path, student: str, machine_id: str) -> StudentMachine:
    """Running for a dollar an hour, its disk for another."""
    machine = Machine(id=machine_id, name=f"fastai-{student}-01234567", state="ready", usage_rate=1.0)
    return StudentMachine(Student(student, folder / student), {"monthly_fixed": 672.0}, machine, None)
