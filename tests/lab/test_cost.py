"""`lab cost`: by the files alone, against the class's limits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lab import class_file
from lab.cli import commands
from lab.errors import Problems
from lab.project import Project
from tests.lab.project_files import make_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return make_project(tmp_path, {"anna": "hours_per_week: 10", "bob": "machine_types: [A100]"})


def cost(*words: str) -> Result:
    return CliRunner().invoke(commands, ["cost", *words])


def test_each_student_and_the_class_are_priced_without_key_or_network(project: Project) -> None:
    result = cost("--json")
    told = json.loads(result.stdout)
    anna, bob = told["students"]
    assert (anna["monthly"], anna["off"], anna["hourly"]) == (27.5, 8.0, 0.45)
    assert told["a_month"] == round(anna["monthly"] + bob["monthly"], 2)
    assert (result.exit_code, told["over"]) == (0, [])


def test_kept_snapshots_are_in_the_month_and_in_what_is_billed_while_off(project: Project) -> None:
    project.student_file("anna").write_text("config: {fastai-paperspace:auto_snapshot: true}\n")
    [anna] = json.loads(cost("anna", "--json").stdout)["students"]
    assert (anna["monthly"], anna["dearest"], anna["off"]) == (28.5, 28.5, 9.0)


def test_limits_outside_the_students_files_are_enforced(project: Project) -> None:
    (project.root / "class.yaml").write_text("budget_per_student: 30\nbudget_of_class: 100\n")
    result = cost()
    assert result.exit_code == 1
    assert "over budget: bob up to $141.90 a month, class.yaml allows $30.00" in result.stdout
    assert "over budget: the class $169.40 a month, class.yaml allows $100.00" in result.stdout


def test_a_wrong_file_is_told_and_fails(project: Project) -> None:
    project.student_file("anna").write_text("config: {fastai-paperspace:disk_size: 7}\n")
    result = cost()
    assert result.exit_code == 1
    assert "lab roster check" in result.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("budget_per_studnet: 3", "did you mean 'budget_per_student'"),
        ("budget_per_student: -3", "budget_per_student = -3"),
        ("time_zone: Mars/Base", "time_zone = 'Mars/Base': no such time zone"),
        ("lessons: [{days: [mon], begins: 10:00, ends: '09:00'}]", "is not after begins"),
        ("lessons: [{days: [monday], begins: '10:00', ends: '12:00'}]", "lessons.0.days.0 = 'monday'"),
    ],
)
def test_a_wrong_class_file_is_told_with_key_and_value(project: Project, text: str, told: str) -> None:
    (project.root / "class.yaml").write_text(text)
    with pytest.raises(Problems) as refused:
        class_file.load(project)
    assert told in str(refused.value)
