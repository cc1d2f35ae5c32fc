"""One schema for all students' files: every typo is told with file, line, key, value and fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import student_files
from lab.errors import LabError, Problems
from lab.project import Project, Student, find_project
from lab.student_files import StudentFile
from tests.lab.project_files import NAME, make_project, write_student


def told(tmp_path: Path, text: str, name: str = "anna") -> list[str]:
    path = tmp_path / f"Pulumi.{name}.yaml"
    path.write_text(text)
    return [str(problem) for problem in student_files.check([Student(name, path)], NAME)]


def test_a_right_file_has_no_problem(tmp_path: Path) -> None:
    config = f"  {NAME}:disk_size: 100\n  {NAME}:machine_types: [P4000]\n  {NAME}:auto_snapshot: true\n"
    assert told(tmp_path, f"encryptionsalt: v1:x\nconfig:\n{config}") == []


def test_an_empty_file_is_the_course_machine(tmp_path: Path) -> None:
    assert told(tmp_path, "") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"config:\n  {NAME}:disk_sise: 100\n", ["anna.yaml:2:", "no such key", "'disk_size'"]),
        (f"config:\n  {NAME}:power: running\n  {NAME}:disk_size: 70\n", ["anna.yaml:3:", '"70"', "50, 100"]),
        (f"config:\n  {NAME}:machine_types: [M400]\n", ["anna.yaml:2:", "M400", "did you mean"]),
        ("config:\n  disk_size: 100\n", ["anna.yaml:2:", f"{NAME}:disk_size"]),
        ("config:\n  fastai-papersace:disk_size: 100\n", ["anna.yaml:2:", f"{NAME}:disk_size"]),
        ("confg:\n  x: 1\n", ["anna.yaml:1:", "did you mean 'config'"]),
        ("- 1\n", ["anna.yaml:1:", "config:"]),
        ("config: [\n", ["anna.yaml:2:", "no valid YAML"]),
        (f"config:\n  {NAME}:power: running\n  {NAME}:power: stopped\n", ["anna.yaml:3:", "duplicate key"]),
    ],
)
def test_a_problem_names_file_line_key_and_fix(tmp_path: Path, text: str, expected: list[str]) -> None:
    [problem] = told(tmp_path, text)
    for part in expected:
        assert part in problem


def test_a_file_name_that_is_no_id_is_told(tmp_path: Path) -> None:
    assert "is no student id" in told(tmp_path, "", name="Anna_M")[0]


def test_an_encrypted_value_is_left_to_pulumi(tmp_path: Path) -> None:
    assert told(tmp_path, f"config:\n  {NAME}:template:\n    secure: v1:abc\n") == []


def test_a_password_in_clear_is_refused_and_not_repeated(tmp_path: Path) -> None:
    [problem] = told(tmp_path, f"config:\n  {NAME}:user_password: hunter2\n")
    assert "pulumi config set --secret user_password --stack anna" in problem
    assert "hunter2" not in problem
    assert told(tmp_path, f"config:\n  {NAME}:user_password: {{secure: v1:abc}}\n") == []


def test_setting_a_key_keeps_quotes_comments_and_order(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.anna.yaml"
    path.write_text(f'# top\nconfig:\n  {NAME}:ssh_port: "2222"   # sandbox\n  {NAME}:power: running\n')
    file = StudentFile.load(path, NAME)
    file.set("power", "stopped")
    file.write()
    assert (
        path.read_text()
        == f'# top\nconfig:\n  {NAME}:ssh_port: "2222"   # sandbox\n  {NAME}:power: stopped\n'
    )


def test_without_a_class_the_stacks_beside_the_project_file_are_all_there_is(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (tmp_path / "Pulumi.dev.yaml").write_text("")
    assert [student.name for student in project.all_students()] == ["dev"]


def test_with_a_class_a_stack_beside_the_project_file_is_still_reached_by_name(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"bob": "", "anna": ""})
    (tmp_path / "Pulumi.dev.yaml").write_text("")
    assert [student.name for student in project.all_students()] == ["anna", "bob"]
    assert [student.name for student in project.chosen(["dev", "anna", "dev"])] == ["dev", "anna"]


def test_an_unknown_student_is_told_with_the_closest_name(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"anna": ""})
    with pytest.raises(Problems, match="did you mean 'anna'"):
        project.chosen(["ana"])


def test_the_projects_own_folder_for_stacks_is_the_students_folder(tmp_path: Path) -> None:
    make_project(tmp_path)
    with (tmp_path / "Pulumi.yaml").open("a") as file:
        file.write("stackConfigDir: class\n")
    assert Project(tmp_path).student_file("anna") == tmp_path / "class" / "Pulumi.anna.yaml"


def test_the_project_is_found_from_a_folder_below(tmp_path: Path) -> None:
    make_project(tmp_path)
    (tmp_path / "students").mkdir()
    assert find_project(tmp_path / "students").root == tmp_path.resolve()


def test_outside_a_project_the_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"no Pulumi\.yaml in"):
        find_project(tmp_path)


def test_files_are_written_in_one_step_and_keep_their_mode(tmp_path: Path) -> None:
    path = write_student(tmp_path, "anna", "power: running")
    path.chmod(0o600)
    StudentFile.load(path, NAME).write()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["Pulumi.anna.yaml"]
