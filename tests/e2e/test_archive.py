"""A machine with work on its disk through the engine: destroyed, replaced, interrupted, failed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from components import access, archive_files, key_pair
from components.archive_files import ArchiveFile
from provider.client import PaperspaceClient
from sandbox.guest.guests import SshGuests
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.e2e.test_machine_lifecycle import nothing_is_left, only_machine
from tests.machine_inputs import MACHINE
from tests.pulumi_stack import PulumiStack
from tests.waiting import wait_until

USER, HOST = key_pair.generate(), key_pair.generate()
FAILED = 1
PROGRAM = """\
import json
import pathlib

import pulumi

from components.archive import Archive
from components.restore import Restore
from provider.machine import Machine
from provider.static_address import StaticAddress

inputs = json.loads(pathlib.Path("inputs.json").read_text())
machine = Machine("machine", **inputs["machine"])
address = StaticAddress("address", machine_id=machine.id)
Archive("archive", machine_id=machine.id, **inputs["archive"])
if inputs["restore"]:
    after = pulumi.ResourceOptions(depends_on=[address])
    Restore("restore", machine_id=machine.id, restore_from="latest", **inputs["restore"], opts=after)
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate(), make_guests=SshGuests) as world:
        yield world


class Student:
    """A stack whose inputs change, and the disk of its machine."""

    def __init__(self, stack: PulumiStack, sandbox: Sandbox, folder: Path) -> None:
        self.stack = stack
        self.sandbox = sandbox
        self.folder = folder
        script = access.startup_script([USER["public_key"]], HOST["private_key"], HOST["public_key"])
        self.machine = {**MACHINE, "template": "tvimtol9", "disk_size": 100, "startup_script": script}
        self.archive = {
            "port": 2222,
            "private_key": USER["private_key"],
            "host_key": HOST["public_key"],
            "stack": "test",
            "mode": "on",
            "directory": str(folder / "archives"),
            "exclude": [],
            "limit_gb": 1,
        }
        self.restore: dict[str, object] = {}

    def declare(self) -> None:
        inputs = json.dumps({"machine": self.machine, "archive": self.archive, "restore": self.restore})
        (self.stack.folder / "inputs.json").write_text(inputs)

    def up(self) -> str:
        self.declare()
        return self.stack.up()

    def preview(self) -> str:
        self.declare()
        return self.stack.run("preview", "--stack", "test")

    @property
    def machine_id(self) -> str:
        return str(only_machine(self.sandbox.state())["id"])

    def home(self) -> Path:
        return self.folder / "sandbox" / "machines" / self.machine_id / "disk" / "home" / "paperspace"

    @property
    def addresses(self) -> dict[str, str]:
        """By static address, the machine that has it."""
        return {found["ip"]: found["assignedMachineId"] for found in self.sandbox.state()["public_ips"]}

    @property
    def archives(self) -> list[ArchiveFile]:
        return archive_files.list_archives(self.folder / "archives", "test")

    def held(self) -> dict[str, list[str]]:
        """By machine, the names of the files in its newest archive."""
        return {
            archive.machine_id: [path for path, _, _ in archive_files.verify(archive.path).files]
            for archive in self.archives
        }

    def destroy(self, code: int = 0) -> str:
        return self.stack.run("destroy", "--yes", "--skip-preview", "--stack", "test", code=code)


@pytest.fixture
def student(pulumi: Path, tmp_path: Path, sandbox: Sandbox) -> Student:
    environment = {"PAPERSPACE_API_URL": sandbox.url, "PAPERSPACE_API_KEY": sandbox.api_key}
    stack = PulumiStack.create(pulumi, tmp_path / "machine", PROGRAM, environment)
    return Student(stack, sandbox, tmp_path)


def kill_all_of(stack: PulumiStack) -> None:
    """The engine and its providers, wherever their process groups are."""
    mark = f"PULUMI_HOME={stack.folder / 'home'}".encode()
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, ProcessLookupError):
            continue


def is_being_written(folder: Path) -> Callable[[], bool]:
    return lambda: any(part.stat().st_size for part in folder.rglob("*.part"))


def test_a_destroy_that_is_killed_or_fails_keeps_the_machine_and_the_next_one_saves_its_home_folder(
    student: Student,
) -> None:
    student.up()
    machine_id = student.machine_id
    (student.home() / "notes.txt").write_text("mine")
    (student.home() / "large").write_bytes(os.urandom(40_000_000))

    with student.stack.start("destroy", "--yes", "--skip-preview", "--stack", "test") as destroy:
        wait_until(is_being_written(student.folder / "archives"), "the archive is written", process=destroy)
        kill_all_of(student.stack)
    assert student.archives == []
    assert student.machine_id == machine_id
    student.stack.run("cancel", "--yes", "--stack", "test")

    os.truncate(student.home() / "large", 1_100_000_000)
    printed = student.destroy(FAILED)
    for told in ("limit is 1.0 GB", f"FASTAI_SKIP_ARCHIVE={machine_id} pulumi destroy", "machine stays"):
        assert told in printed
    assert student.machine_id == machine_id

    (student.home() / "large").unlink()
    assert str(student.folder / "archives") in student.destroy()
    assert student.held()[machine_id] == [".bashrc", ".profile", "notes.txt"]
    assert len(list((student.folder / "archives").rglob("*"))) == 3
    nothing_is_left(student.sandbox.state())


def test_a_replaced_machine_goes_once_its_home_folder_is_saved(student: Student) -> None:
    with PaperspaceClient(student.sandbox.api_key, student.sandbox.url) as client:
        network = client.post("/private-networks", {"name": "class", "region": "ny2"})
    student.machine["network"] = network["id"]
    student.up()
    first = student.machine_id
    [address] = student.addresses
    (student.home() / "notes.txt").write_text("of the first")

    del student.machine["network"]
    reached_by = ("port", "private_key", "host_key", "stack", "directory")
    student.restore = {key: student.archive[key] for key in reached_by}
    student.up()
    second = student.machine_id
    assert (student.home() / "notes.txt").read_text() == "of the first"
    student.restore = {}
    assert student.addresses == {address: second}
    assert student.held()[first] == [".bashrc", ".profile", "notes.txt"]
    (student.home() / "notes.txt").write_text("of the second")

    student.machine["regions"] = ["AMS1"]
    told = f"{second}: before it is deleted, its home folder is packed into {student.folder / 'archives'}"
    assert told in student.preview()
    (student.folder / "archives").rename(student.folder / "moved")
    (student.folder / "archives").write_text("a file in the way")
    with pytest.raises(AssertionError, match="The machine stays"):
        student.up()
    assert student.machine_id == second, "another one is ordered once this one's work is saved"
    (student.folder / "archives").unlink()
    student.up()
    assert list(student.held()) == [second]

    third = student.machine_id
    assert list(student.addresses.values()) == [third]
    assert address not in student.addresses, "an address belongs to its region"
    student.archive["mode"] = "off"
    student.up()
    assert student.machine_id == third
    assert f"{third}: archive is off, so what is on its disk is lost" in student.destroy()
    assert list(student.held()) == [second]
    nothing_is_left(student.sandbox.state())


def test_a_machine_that_is_to_be_replaced_by_one_like_it_is_archived_though_the_first_try_fails(
    student: Student,
) -> None:
    student.up()
    first = student.machine_id
    (student.home() / "notes.txt").write_text("mine")
    urn = student.stack.resources()["machine"]["urn"]
    student.sandbox.add_fault("POST /machines", "status", status=403, times=1)
    student.stack.run("up", "--yes", "--skip-preview", "--stack", "test", "--replace", urn, code=FAILED)
    assert student.sandbox.state()["machines"] == []
    student.up()
    assert student.machine_id != first
    assert "notes.txt" in student.held()[first]
    student.destroy()
    nothing_is_left(student.sandbox.state())


def test_after_a_destroy_that_failed_the_machine_is_off_and_what_is_written_later_is_saved(
    student: Student,
) -> None:
    student.up()
    machine_id = student.machine_id
    student.sandbox.add_fault("DELETE /machines/{id}", "status", status=403)
    student.destroy(FAILED)
    assert only_machine(student.sandbox.state())["state"] == "off"
    student.sandbox.clear_faults()

    student.up()
    (student.home() / "notes.txt").write_text("later")
    student.destroy()
    assert "notes.txt" in student.held()[machine_id]
    nothing_is_left(student.sandbox.state())


def test_a_key_of_another_team_neither_forgets_nor_doubles_the_machine(
    student: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    student.up()
    before, url = student.stack.checkpoint(), student.sandbox.url
    student.sandbox.stop()
    with monkeypatch.context() as patch:
        patch.setattr("sandbox.paperspace.state.account.TEAM_ID", "tother")
        settings = SandboxSettings(port=int(url.split(":")[2].split("/")[0]))
        with Sandbox(tmp_path / "other", settings) as other:
            theirs = {"PAPERSPACE_API_URL": url, "PAPERSPACE_API_KEY": other.api_key}
            stack = replace(student.stack, environment=theirs)
            for command in ("up", "destroy"):
                told = stack.run(command, "--yes", "--skip-preview", "--stack", "test", code=FAILED)
                assert "belongs to the Paperspace team" in told
            told = stack.run(
                "destroy", "--yes", "--skip-preview", "--refresh=false", "--stack", "test", code=FAILED
            )
            assert "belongs to the Paperspace team" in told
            assert other.state()["machines"] == []
    student.sandbox.start()
    assert {each["urn"] for each in student.stack.checkpoint()["resources"]} == {
        each["urn"] for each in before["resources"]
    }
    student.destroy()
    nothing_is_left(student.sandbox.state())
