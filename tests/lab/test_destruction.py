"""What `lab destroy` says before and after: whose work is lost, where archives are, which machine stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components import archive_files, archive_skip
from components.archive_files import Record
from lab import archive_guard, archives, destruction
from lab.class_operation import Class
from lab.project import Student
from lab.pulumi_command import Pulumi, Recorded
from lab.workspace import Workspace
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.lab.project_files import make_project

BEGAN = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def group(tmp_path: Path) -> Class:
    project = make_project(tmp_path / "class", dict.fromkeys(("anna", "bob", "carl"), "disk_size: 50"))
    pulumi = Pulumi(Path("pulumi"), Workspace(project, tmp_path / "work"))
    return Class(project, pulumi, project.class_members(), {"anna": 12, "bob": 9, "carl": 0})


def of(machine: str, directory: str = "~/fastai-archives") -> Recorded:
    return Recorded(frozenset({machine}), False, directory)


def test_who_loses_work_is_named_before_anything_is_done(group: Class) -> None:
    told = destruction.what_goes(group, {"anna": of("ps1"), "bob": of("ps2", "")}, {})
    assert told.startswith("2 stacks with their machines and everything on their disks: anna, bob\n")
    assert "First the home folders of anna are archived on this computer, in ~/fastai-archives." in told
    assert "WITHOUT AN ARCHIVE, what is on the disk is lost: bob" in told
    assert "  bob: archive was off at the last `lab up`\n" in told
    assert "To keep it: lab archive bob" in told
    assert "$16.00 a month" in told


def test_a_machine_whose_archive_is_skipped_by_hand_loses_its_work_too(
    group: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(archive_skip.VARIABLE, "ps9,ps1")
    told = destruction.what_goes(group, {"anna": of("ps1"), "bob": of("ps2")}, {})
    assert "the disk is lost: anna" in told
    assert "home folders of bob are" in told


def unguarded(machine: str) -> Recorded:
    return Recorded(frozenset({machine}), unguarded=frozenset({machine}))


def test_a_stack_without_a_machine_has_no_work_to_lose(group: Class) -> None:
    told = destruction.what_goes(group, {"anna": Recorded(), "bob": Recorded()}, {})
    assert "archive" not in told.lower()


def archived(folder: Path, student: str, machine: str, date: datetime, count: int) -> None:
    path = folder / student / f"{date:%Y%m%dT%H%M%SZ}-{machine}.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"packed")
    record = Record(student, machine, date.isoformat(), count, 3_400_000, "ab12", skipped={"pipe": "a pipe"})
    archive_files.record_path(path).write_text(archive_files.record_text(record))


def test_archives_of_who_left_are_listed_too_and_a_damaged_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "fastai-archives"
    project = make_project(tmp_path / "class", {"anna": "disk_size: 50"})
    assert archives.of_everybody(project, verify=False) == []
    archived(folder, "anna", "ps1", BEGAN, 12)
    archived(folder, "emil", "ps5", BEGAN, 3)
    found = archives.of_everybody(project, verify=True)
    assert [each.student for each in found] == ["anna", "emil"]
    assert "is damaged: its sha256 is" in found[0].damage
    [emil] = archives.of_students(project, project.chosen(["emil"], ["emil"]), verify=False)
    assert (emil.as_json()["files"], emil.damage) == (3, "")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as world:
        monkeypatch.setenv("PAPERSPACE_API_URL", world.url)
        monkeypatch.setenv("PAPERSPACE_API_KEY", world.api_key)
        yield world


def test_a_machine_that_was_archived_and_used_on_is_refused_with_the_archive_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PAPERSPACE_API_URL", "http://127.0.0.1:9")
    project = make_project(tmp_path / "class", {"anna": "", "bob": "archive: off"})
    archived(tmp_path / "fastai-archives", "anna", "ps1", BEGAN, 12)
    archived(tmp_path / "fastai-archives", "anna", "ps-other", BEGAN + timedelta(hours=1), 5)
    kim = Student("kim", project.student_file("kim"))
    recorded = {name: unguarded(f"ps{number}") for number, name in enumerate(("anna", "bob", "kim"), 1)}
    told = archive_guard.refusals(project, [*project.class_members(), kim], recorded)
    assert sorted(told) == ["anna", "kim"]
    assert f"archived at {BEGAN.isoformat()} in {tmp_path}/fastai-archives/anna/2026" in told["anna"]
    assert "what came after is lost. To archive it: lab up anna" in told["anna"]
    assert "To lose it: FASTAI_SKIP_ARCHIVE=ps1 lab destroy anna --yes" in told["anna"]
    assert "no archive of it is on this computer" in told["kim"]
    assert "put Pulumi.kim.yaml back; lab up kim" in told["kim"]
    monkeypatch.setenv(archive_skip.VARIABLE, "ps1 ps3")
    assert archive_guard.refusals(project, [*project.class_members(), kim], recorded) == {}


def test_an_unguarded_machine_that_is_gone_holds_no_destroy_up(account: Sandbox, group: Class) -> None:
    assert archive_guard.refusals(group.project, group.existing[:1], {"anna": unguarded("ps1")}) == {}


def test_afterwards_each_archive_of_this_run_and_each_machine_that_stays_is_told(tmp_path: Path) -> None:
    archived(tmp_path, "anna", "ps1", datetime(2026, 11, 24, tzinfo=UTC), 1)
    archived(tmp_path, "anna", "ps1", BEGAN, 12)
    archived(tmp_path, "bob", "ps-other", BEGAN, 5)
    recorded = {"anna": of("ps1", str(tmp_path)), "bob": of("ps2", str(tmp_path)), "carl": of("ps3", "")}
    made = destruction.made_since(recorded, BEGAN)
    assert [(each.student, each.as_json()["files"]) for each in made] == [("anna", 12)]
    left = {"bob": recorded["bob"], "carl": Recorded(), "dora": of("ps4"), "emil": of("ps5")}
    lines = list(destruction.aftermath(made, left, {"ps2": "off", "ps4": "gone", "ps5": "unknown"}))
    [path] = (tmp_path / "anna").glob("20261125*.tar.gz")
    assert lines == [
        f"anna: 12 files, 3.4 MB; not in it: pipe  {path}",
        "1 archive on this computer; lab archives lists them.",
        "bob: machine ps2 STAYS with its disk, off: only the disk and the address are billed",
        "dora: machine ps4 is gone, and its stack still names it",
        "emil: machine ps5 STAYS with its disk, "
        "and may run, billed by the hour (its state could not be read)",
    ]
