"""What a student's month comes to: by the file, and by the machine once there is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab import estimate, money
from lab.class_file import ClassFile
from lab.ledger import Spent
from lab.project import Student
from lab.student_machines import StudentMachine
from provider.models import Machine
from tests.lab.project_files import make_project

FIRST = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def asking(tmp_path: Path) -> StudentMachine:
    """Who asks for an RTX4000, or else a P6000, and has no machine yet."""
    project = make_project(tmp_path, {"anna": "machine_types: [RTX4000, P6000]"})
    anna = Student("anna", project.student_file("anna"))
    return StudentMachine(anna, {}, None, estimate.of_student(project, anna))


def got(asking: StudentMachine, **changes: object) -> StudentMachine:
    """With the dearer P6000, as the API and the stack have it."""
    found = {"id": "ps1", "name": "fastai-anna-01234567", "state": "off", "machine_type": "P6000"}
    machine = Machine.model_validate({**found, "public_ip_type": "static", **changes})
    return replace(asking, outputs={"monthly_fixed": 8.0, "hours_per_week": 10}, machine=machine)


def test_the_month_is_planned_for_the_machine_that_was_had(asking: StudentMachine) -> None:
    assert asking.monthly_planned == 32.27
    assert got(asking).monthly_planned == 55.67


def test_the_apis_own_rate_wins_over_the_list(asking: StudentMachine) -> None:
    assert got(asking, usage_rate=2.0).monthly_planned == 94.67


def test_where_the_file_is_gone_the_stack_says_the_hours(asking: StudentMachine) -> None:
    assert replace(got(asking), estimate=None).monthly_planned == 55.67


def test_who_got_a_dearer_machine_than_planned_is_over_budget(asking: StudentMachine) -> None:
    month = money.month_of(got(asking), Spent(), ClassFile(budget_per_student=40), FIRST)
    assert (month.planned, month.projected, month.over_budget) == (55.67, 55.67, True)
