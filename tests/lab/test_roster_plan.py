"""From the class list to the students' files: add, change, keep hand edits, name conflicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import roster_plan
from lab.errors import Problems
from lab.project import Project
from lab.roster import Row, Values
from lab.roster_plan import Plan
from tests.lab.project_files import make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def apply(project: Project, roster_wins: bool = False, **students: Values) -> Plan:
    rows = [Row(line, name, values) for line, (name, values) in enumerate(students.items(), start=2)]
    plan = roster_plan.plan(project, rows, roster_wins)
    roster_plan.write(project, plan)
    return plan


def text(project: Project, student: str) -> str:
    return project.student_file(student).read_text()


def edit(project: Project, student: str, old: str, new: str) -> None:
    path = project.student_file(student)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_new_student_gets_a_file_that_pulumi_reads(project: Project) -> None:
    apply(project, anna={"disk_size": 100, "machine_types": ["P4000"]})
    assert text(project, "anna") == (
        "config:\n  fastai-paperspace:disk_size: 100\n  fastai-paperspace:machine_types:\n    - P4000\n"
    )


def test_the_same_list_again_changes_nothing(project: Project) -> None:
    apply(project, anna={"disk_size": 100})
    before = {path: path.stat().st_mtime_ns for path in project.students_folder.iterdir()}
    plan = apply(project, anna={"disk_size": 100})
    after = {path: path.stat().st_mtime_ns for path in project.students_folder.glob("Pulumi.*")}
    assert (plan.unchanged, plan.added, plan.changed) == (["anna"], {}, {})
    assert after.items() <= before.items()


def test_a_changed_row_changes_its_key_and_keeps_comments_and_other_keys(project: Project) -> None:
    apply(project, anna={"disk_size": 100})
    edit(
        project,
        "anna",
        "config:\n",
        "# a hand-written note\nconfig:\n  fastai-paperspace:template: fast.ai  # why\n",
    )
    apply(project, anna={"disk_size": 250})
    assert text(project, "anna") == (
        "# a hand-written note\nconfig:\n  fastai-paperspace:template: fast.ai  # why\n"
        "  fastai-paperspace:disk_size: 250\n"
    )


def test_a_hand_edit_stays_while_the_list_says_the_same_as_before(project: Project) -> None:
    apply(project, anna={"disk_size": 100})
    edit(project, "anna", "100", "250")
    plan = apply(project, anna={"disk_size": 100})
    assert "disk_size: 250" in text(project, "anna")
    assert plan.kept_by_hand["anna"] == ["disk_size"]


def test_a_hand_edit_and_a_changed_list_are_a_conflict_that_writes_nothing(project: Project) -> None:
    apply(project, anna={"disk_size": 100})
    edit(project, "anna", "100", "250")
    with pytest.raises(Problems) as refused:
        apply(project, anna={"disk_size": 500}, bob={})
    [told] = refused.value.lines
    assert "disk_size = 250 by hand" in told
    assert "from 100 to 500" in told
    assert not project.student_file("bob").exists()


def test_the_list_wins_where_it_is_told_to(project: Project) -> None:
    apply(project, anna={"disk_size": 100})
    edit(project, "anna", "100", "250")
    apply(project, roster_wins=True, anna={"disk_size": 500})
    assert "disk_size: 500" in text(project, "anna")


def test_a_value_that_leaves_the_list_goes_back_to_the_default(project: Project) -> None:
    apply(project, anna={"disk_size": 100, "template": "fast.ai"})
    apply(project, anna={"template": "fast.ai"})
    assert "disk_size" not in text(project, "anna")


def test_who_leaves_the_list_keeps_the_file_for_the_stack_still_costs(project: Project) -> None:
    apply(project, anna={}, bob={})
    plan = apply(project, anna={})
    assert [student.name for student in plan.left] == ["bob"]
    assert project.student_file("bob").exists()
    assert [student.name for student in apply(project, anna={}).left] == ["bob"]


def test_who_was_never_on_the_list_is_not_told_to_have_left(project: Project) -> None:
    make_project(project.root, {"guest": "disk_size: 50"})
    assert apply(project, anna={}).left == []


def test_values_that_only_together_are_wrong_are_found_before_anything_is_written(project: Project) -> None:
    apply(project, anna={"disk_size": 100})
    edit(project, "anna", "disk_size: 100", "disk_size: 100\n  fastai-paperspace:budget_per_month: 20")
    with pytest.raises(Problems, match="budget_per_month"):
        apply(project, anna={"disk_size": 250}, bob={})
    assert not project.student_file("bob").exists()


def test_a_stack_beside_the_project_file_and_a_student_cannot_share_a_name(project: Project) -> None:
    (project.root / "Pulumi.dev.yaml").write_text("")
    with pytest.raises(Problems, match="choose another one"):
        apply(project, dev={})


def test_a_file_that_is_no_yaml_is_named_with_its_line(project: Project) -> None:
    apply(project, anna={"disk_size": 100})
    edit(project, "anna", "  fastai", "  - x\n  fastai")
    with pytest.raises(Problems, match=r"Pulumi\.anna\.yaml:3: no valid YAML"):
        apply(project, anna={"disk_size": 250})
