"""`lab doctor` names every problem with what to do; one that breaks off hides none of the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import backend_checks, doctor
from lab.check import Check
from lab.project import Project
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.lab.project_files import make_project, write_student


@pytest.fixture
def project(tmp_path: Path, pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "backend").mkdir()
    monkeypatch.setenv("PULUMI_ROOT", str(pulumi.parent.parent))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/backend")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return make_project(tmp_path / "class", {"anna": "disk_size: 50"})


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as world:
        monkeypatch.setenv("PAPERSPACE_API_URL", world.url)
        monkeypatch.setenv("PAPERSPACE_API_KEY", world.api_key)
        yield world


def told(project: Project, verdict: str) -> dict[str, str]:
    return {check.about: check.told for check in doctor.examine(project) if check.verdict == verdict}


def test_a_class_in_order_has_no_error(
    project: Project, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
    (project.root / "class.yaml").write_text("budget_per_student: 40\nbudget_of_class: 400\n")
    assert told(project, "error") == {}
    assert "the sandbox answers; 0 machines" in told(project, "ok")["Paperspace"]


def test_every_problem_is_told_at_once(project: Project) -> None:
    write_student(project.root, "bob", "disk_sise: 50")
    (project.root / "class.yaml").write_text("budgets: 1\n")
    errors = told(project, "error")
    assert "PULUMI_CONFIG_PASSPHRASE" in errors["secrets"]
    assert "disk_sise: there is no such key" in errors["files"]
    assert "budgets: there is no such key" in errors["class file"]
    assert "PAPERSPACE_API_KEY" in errors["account"]


def test_a_template_that_the_account_does_not_have_is_an_error(project: Project, sandbox: Sandbox) -> None:
    write_student(project.root, "anna", "template: fast.al")
    assert "fast.al" in told(project, "error")["account"]


@pytest.mark.parametrize(
    ("url", "verdict", "expected"),
    [
        ("postgres://pulumi:hunter2@db/state", "error", "use PGPASSWORD"),
        ("postgres://pulumi@db/state", "warning", "make its table"),
        ("s3://class-state", "ok", "recommended"),
        ("file:///srv/state", "ok", "back it up"),
    ],
)
def test_traps_of_each_backend_are_named(
    project: Project, monkeypatch: pytest.MonkeyPatch, url: str, verdict: str, expected: str
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    [check] = backend_checks.check_backend_address(project)
    assert isinstance(check, Check)
    assert check.verdict == verdict
    assert expected in check.told
    assert "hunter2" not in check.told


def test_names_and_connections_that_break_postgresql_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(backend_checks.check_names(["a_b"])) == []
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://pulumi@db/state")
    [check] = backend_checks.check_names(["anna", "a_b"])
    assert (check.verdict, "a_b" in check.told, "anna" in check.told) == ("warning", True, False)
    assert list(backend_checks.check_connections()) == []
    monkeypatch.setenv("PULUMI_DIY_BACKEND_PARALLEL", "10")
    [check] = backend_checks.check_connections()
    assert (check.verdict, check.told.startswith("PULUMI_DIY_BACKEND_PARALLEL=10")) == ("error", True)


def test_whose_work_would_be_lost_and_a_folder_that_cannot_be_written_are_told(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    write_student(project.root, "bob", "archive: off")
    write_student(project.root, "carl", f"archive_directory: {tmp_path}/file")
    found = list(doctor.check_archives(project))
    assert [check.verdict for check in found] == ["warning", "error", "ok"]
    assert "loses the work of: bob" in found[0].told
    assert f"{tmp_path}/file cannot be written" in found[1].told
    assert "GB free for 2 students" in found[2].told
