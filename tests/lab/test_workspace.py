"""The copies in which `pulumi` runs: students' files stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from lab import workspace
from lab.project import Student
from lab.pulumi_command import Pulumi
from tests.lab.project_files import NAME, make_project


def test_the_program_and_the_virtual_environment_are_the_project_s_own(tmp_path: Path) -> None:
    made = workspace.of_project(make_project(tmp_path))
    definition = yaml.safe_load((made.folder / "Pulumi.yaml").read_text())
    assert definition["main"] == str(tmp_path.resolve())
    assert definition["runtime"]["options"]["virtualenv"] == str(tmp_path / ".venv")
    assert definition["name"] == NAME
    assert (tmp_path / ".lab").stat().st_mode & 0o077 == 0


def test_a_salt_that_pulumi_added_to_the_copy_stays_there_and_only_there(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"anna": "disk_size: 50"})
    made, [anna] = workspace.of_project(project), project.class_members()
    before = anna.file.read_text()
    copy = made.copy(anna)
    copy.write_text(copy.read_text() + "encryptionsalt: v1:abc\n")
    anna.file.write_text(before.replace("50", "100"))
    assert yaml.safe_load(made.copy(anna).read_text()) == {
        "config": {f"{NAME}:disk_size": 100},
        "encryptionsalt": "v1:abc",
    }
    assert "encryptionsalt" not in anna.file.read_text()


def test_a_throw_away_workspace_holds_no_secret_and_is_gone_afterwards(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"anna": "power: running\ntemplate: {secure: v1:xyz}"})
    [anna] = project.class_members()
    anna.file.write_text(f"encryptionsalt: v1:abc\n{anna.file.read_text()}")
    with workspace.throw_away(project) as made:
        assert yaml.safe_load(made.copy(anna).read_text()) == {"config": {f"{NAME}:power": "running"}}
        assert made.variables["PULUMI_BACKEND_URL"].startswith(f"file://{made.folder.parent}")
    assert not made.folder.exists()


def test_a_student_whose_file_was_deleted_keeps_the_last_copy(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"anna": "disk_size: 50"})
    made, [anna] = workspace.of_project(project), project.class_members()
    made.copy(anna)
    anna.file.unlink()
    assert "disk_size" in made.copy(Student("anna", anna.file)).read_text()


def test_pulumi_hears_of_no_selected_stack_and_spares_postgres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_STACK", "somebody")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://pulumi@db/state")
    variables = Pulumi(Path("pulumi"), workspace.of_project(make_project(tmp_path))).environment()
    assert "PULUMI_STACK" not in variables
    assert variables["PULUMI_DIY_BACKEND_PARALLEL"] == "2"
