"""What happens to a home folder before its machine is deleted, in every state that a machine can be in."""

from __future__ import annotations

import asyncio
import base64
import pickle
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from components import access, archive_files, key_pair, last_archive, ssh
from components.archive import ArchiveProvider
from components.first_restore import NotRestored, restore_into_machine
from components.last_archive import NotArchived, archive_before_deletion
from components.restore import RestoreProvider
from components.ssh import Login
from provider import adoption, lifecycle, machines, power
from provider.client import PaperspaceClient
from provider.waiting import Waiter
from sandbox.guest.guests import SshGuests
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.provider.fake_time import FakeTime
from tests.provider.life import inputs
from tests.waiting import wait_until

USER, HOST = key_pair.generate(), key_pair.generate()
PLAIN_TEMPLATE = "tvimtol9"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A machine that powers itself off stays `ready` in its API."""
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(folder, SandboxSettings.immediate(), make_guests=SshGuests) as world:
        yield world


class Student:
    """A machine that is up, and the state's entry for its archive."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.client = PaperspaceClient(sandbox.api_key, sandbox.url)
        """Its machine boots in real time; `time` only keeps what is said."""
        self.time = FakeTime()
        said = self.time.waiter()
        self.waiter = Waiter(report=said.report, progress=said.progress, warn=said.warn)
        script = access.startup_script([USER["public_key"]], HOST["private_key"], HOST["public_key"])
        wanted = inputs(
            template=PLAIN_TEMPLATE, disk_size=100, startup_script=script, public_ip_type="dynamic"
        )
        self.id, self.outputs = lifecycle.make(self.client, wanted, self.waiter)
        self.properties: dict[str, Any] = {
            "machine_id": self.id,
            "port": 2222.0,
            "private_key": USER["private_key"],
            "host_key": HOST["public_key"],
            "stack": "anna",
            "mode": "on",
            "exclude": [],
            "limit_gb": 20.0,
            "api_url": sandbox.url,
        }

    def run(self, command: str) -> None:
        """On the machine, which runs from then on."""
        power.ensure_running(self.client, self.id, self.waiter)

        async def on_the_machine() -> None:
            address = machines.get(self.client, self.id).public_ip
            login = Login(str(address), 2222, USER["private_key"], HOST["public_key"])
            connection = await ssh.connect_when_ready(login, 20, self.time.progress.append)
            await ssh.run(connection, command, 20)
            connection.close()

        asyncio.run(on_the_machine())

    def archive(self, **changes: Any) -> archive_files.ArchiveFile | None:
        return archive_before_deletion(
            lambda: PaperspaceClient(self.sandbox.api_key, self.sandbox.url),
            self.properties | changes,
            self.waiter,
        )

    def held(self, **changes: Any) -> set[str]:
        """The files in the archive that is made now."""
        archive = self.archive(**changes)
        assert archive
        return {path for path, _, _ in archive_files.verify(archive.path).files}

    @property
    def directory(self) -> Path:
        return Path(self.properties["directory"])

    @property
    def state(self) -> str:
        return machines.get(self.client, self.id).state

    @property
    def told(self) -> str:
        return "\n".join([*self.time.said, *self.time.warned])

    @property
    def answers(self) -> bool:
        try:
            socket.create_connection((str(machines.get(self.client, self.id).public_ip), 2222), 10).close()
        except OSError:
            return False
        return True

    def switch_off(self) -> None:
        power.ensure_off(self.client, self.id, self.waiter)

    def delete(self) -> None:
        adoption.forget_all()
        lifecycle.delete(self.client, self.id, self.outputs, self.waiter)


@pytest.fixture(scope="module")
def machine(sandbox: Sandbox) -> Iterator[Student]:
    """One for all tests, which leave it switched on or off as they like; the last one deletes it."""
    made = Student(sandbox)
    yield made
    made.client.close()


@pytest.fixture
def student(machine: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Student:
    monkeypatch.setattr(last_archive, "LOGIN_SECONDS", 0.5)
    monkeypatch.setattr(last_archive, "BOOT_SECONDS", 10)
    machine.time.said.clear()
    machine.time.warned.clear()
    machine.properties["directory"] = str(tmp_path / "archives")
    return machine


def test_a_home_folder_is_saved_whether_its_machine_runs_is_off_or_has_silently_powered_itself_off(
    student: Student,
) -> None:
    student.run("echo mine >notes.txt")
    assert "notes.txt" in student.held()
    assert "anna" in student.told
    assert student.state == "off", "nothing is written that the archive does not hold"

    assert "notes.txt" in student.held()
    assert "starting it to archive" in student.told

    student.run("sudo poweroff || true")
    wait_until(lambda: not student.answers, "the machine is off")
    assert student.state == "ready"
    assert "notes.txt" in student.held()
    assert "off and on once" in student.told


def test_a_machine_that_was_off_is_off_again_where_the_archive_fails(student: Student) -> None:
    student.run("echo mine >notes.txt")
    student.switch_off()
    with pytest.raises(NotArchived, match="largest folders") as failed:
        student.archive(limit_gb=0.000000001)
    assert f"FASTAI_SKIP_ARCHIVE={student.id} pulumi destroy" in str(failed.value)
    assert "billed until it is deleted" in str(failed.value)
    assert student.state == "off"


def test_a_folder_that_cannot_be_written_is_seen_before_a_machine_is_started(student: Student) -> None:
    student.switch_off()
    student.directory.write_text("a file in the way")
    with pytest.raises(NotArchived, match="archive_directory"):
        student.archive()
    assert student.state == "off"
    assert "starting" not in student.told


def test_a_machine_that_lets_nobody_in_stays_until_a_person_gives_its_disk_up(
    student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_archive, "BOOT_SECONDS", 0.5)
    power.ensure_running(student.client, student.id, student.waiter)
    wrong = {"host_key": USER["public_key"]}
    with pytest.raises(NotArchived, match="another host key"):
        student.archive(**wrong)
    assert student.state == "ready"
    monkeypatch.setenv("FASTAI_SKIP_ARCHIVE", f"psother,{student.id}")
    assert student.archive(**wrong) is None
    assert "its disk is lost" in student.told
    monkeypatch.setenv("FASTAI_SKIP_ARCHIVE", "psother")
    with pytest.raises(NotArchived):
        student.archive(**wrong)


def test_without_archive_nothing_is_asked_and_the_loss_is_told(student: Student) -> None:
    before = dict(student.sandbox.state()["requests"])
    assert student.archive(mode="off") is None
    assert "lost" in student.told
    assert student.sandbox.state()["requests"] == before
    assert not student.directory.exists()


def test_an_archive_comes_onto_a_machine_that_runs_and_once(student: Student) -> None:
    def restore(wanted: str) -> dict[str, Any]:
        student.time.said.clear()
        given = student.properties | {"restore_from": wanted}
        return restore_into_machine(lambda: PaperspaceClient(student.sandbox.api_key, student.sandbox.url),
                                    given, student.waiter)  # fmt: skip

    student.run("echo mine >notes.txt")
    archive = student.archive()
    assert archive
    assert archive.record
    student.run("echo later >notes.txt")
    outputs = restore(str(archive.path))
    assert (outputs["archive"], outputs["sha256"]) == (archive.path.name, archive.record.sha256)
    assert f"what stood in the way is in ~/{outputs['aside']}: notes.txt" in student.told
    assert restore("latest")["aside"] == ""
    assert "on the machine already" in student.told
    student.switch_off()
    with pytest.raises(NotRestored, match="set power to running"):
        restore("latest")
    archive.path.write_bytes(archive.path.read_bytes()[:-9])
    power.ensure_running(student.client, student.id, student.waiter)
    with pytest.raises(NotRestored, match="is damaged"):
        restore("latest")


def test_a_machine_that_is_gone_has_nothing_to_archive_and_one_of_another_api_is_not_touched(
    student: Student,
) -> None:
    with pytest.raises(Exception, match="run again with PAPERSPACE_API_URL=https://api"):
        student.archive(api_url="https://api.paperspace.com/v1")
    student.delete()
    assert student.archive() is None
    assert "gone already" in student.told


STORED_IN_STATE: dict[type[ResourceProvider], str] = {
    ArchiveProvider: "gASVLQAAAAAAAACMEmNvbXBvbmVudHMuYXJjaGl2ZZSMD0FyY2hpdmVQcm92aWRlcpSTlCmBlC4=",
    RestoreProvider: "gASVLQAAAAAAAACMEmNvbXBvbmVudHMucmVzdG9yZZSMD1Jlc3RvcmVQcm92aWRlcpSTlCmBlC4=",
}


@pytest.mark.parametrize("kind", STORED_IN_STATE)
def test_states_written_by_earlier_versions_can_be_deleted(kind: type[ResourceProvider]) -> None:
    assert serialize_provider(kind()) == STORED_IN_STATE[kind]
    assert isinstance(pickle.loads(base64.b64decode(STORED_IN_STATE[kind])), kind)
    assert kind.serialize_as_secret_always is False


def test_only_another_machine_replaces_it_and_an_unknown_one_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pulumi.output import Unknown

    told: list[str] = []
    waiter = FakeTime()
    waiter.said = waiter.warned = told
    monkeypatch.setattr("components.archive.waiter", waiter.waiter)
    olds = {"machine_id": "ps1", "mode": "on", "directory": "/a", "stack": "anna"}
    provider = ArchiveProvider()
    assert not provider.diff("x", olds, {**olds, "mode": "off", "directory": "/b"}).replaces
    assert not provider.diff("x", olds, {**olds, "private_key": Unknown()}).replaces
    assert told == []
    assert provider.diff("x", olds, {**olds, "machine_id": "ps2"}).replaces == ["machine_id"]
    assert "packed into /a/anna" in told[-1]
    assert provider.diff("x", {**olds, "mode": "off"}, {**olds, "machine_id": Unknown()}).replaces
    assert "LOST" in told[-1]


def test_latest_restores_again_only_what_another_machine_left_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.restore.waiter", FakeTime().waiter)
    (tmp_path / "anna").mkdir()
    news = {"machine_id": "ps2", "directory": str(tmp_path), "stack": "anna", "restore_from": "latest"}
    olds = news | {"archive": "20260102T000000Z-ps1.tar.gz"}
    provider = RestoreProvider()
    for name in ("20260101T000000Z-ps1", "20260102T000000Z-ps1", "20260103T000000Z-ps2"):
        (tmp_path / "anna" / f"{name}.tar.gz").touch()
    assert provider.diff("x", olds, news).changes is None
    (tmp_path / "anna" / "20260104T000000Z-ps1.tar.gz").touch()
    assert provider.diff("x", olds, news).changes is True
    assert provider.diff("x", olds, news | {"restore_from": "/a.tar.gz"}).changes is None
    assert provider.diff("x", olds, news | {"machine_id": "ps3"}).replaces == ["machine_id"]
    kept = provider.update("x", olds, news | {"port": 22, "directory": str(tmp_path / "empty")})
    assert dict(kept.outs or {})["archive"] == olds["archive"]
