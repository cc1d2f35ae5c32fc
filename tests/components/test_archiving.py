"""A home folder into an archive and back, over a real SSH server."""

from __future__ import annotations

import ast
import gzip
import json
import os
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components import archive_files, archive_words, guest_files, home_packing, key_pair
from components.archive_files import ArchiveError, ArchiveFile, DamagedArchive, NoArchive
from components.archiving import MachineSilent, archive_home, restore_home
from components.guest import pack_home
from components.home_packing import Packing
from components.home_unpacking import Restored
from components.ssh import Login
from tests.components.guest import GuestHome
from tests.components.ssh_server import SshServer

USER, HOST = key_pair.generate(), key_pair.generate()


@pytest.fixture
def server(guest: GuestHome) -> Iterator[SshServer]:
    with SshServer(guest, HOST["private_key"]) as running:
        yield running


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "archives"


class Machine:
    """A guest that lets the stack in, and the calls on it."""

    def __init__(self, guest: GuestHome, server: SshServer, directory: Path) -> None:
        self.home = guest.home
        self.server = server
        self.directory = directory
        self.told: list[str] = []
        self.write(".ssh/authorized_keys", USER["public_key"])

    def write(self, path: str, text: str = "x") -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    @property
    def login(self) -> Login:
        return self.server.login(USER["private_key"])

    def packing(self, limit_gb: float = 20, exclude: tuple[str, ...] = ()) -> Packing:
        return Packing("anna", "ps1", str(self.directory), exclude, limit_gb, str(self.home))

    def archive(self, limit_gb: float = 20, exclude: tuple[str, ...] = ()) -> ArchiveFile:
        return archive_home(self.login, self.packing(limit_gb, exclude), self.told.append)


@pytest.fixture
def machine(guest: GuestHome, server: SshServer, directory: Path) -> Machine:
    return Machine(guest, server, directory)


def left_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.rglob("*") if path.is_file())


def test_the_work_set_of_a_home_folder_is_archived_and_nothing_else(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = machine.write("fastai/courses/tmp-lesson1.ipynb", "{}")
    notebook.chmod(0o640)
    machine.write("Ünïcode 'quoted'\n.txt", "é")
    (machine.home / os.fsdecode(b"latin\xe9")).write_text("1")
    machine.write("data/hidden/pet.jpg", "jpg")
    machine.write("data/big.zip", "zip")
    machine.write("sparse").write_bytes(bytes(home_packing.CHUNK * 80))
    (machine.home / "empty").mkdir()
    (machine.home / "outside").symlink_to("/etc")
    (machine.home / "dangling").symlink_to("nowhere")
    os.mkfifo(machine.home / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(machine.home)  # a socket's address is short
        listener.bind("socket")
    for left_out in ("anaconda3/bin/python", ".cache/pip/x", ".local/share/Trash/files/x",
                     ".local/share/jupyter/runtime/k.json", ".local/state/fastai/steps/fastai/ok",
                     "fastai/__pycache__/a.pyc", ".jupyter/notebook_token"):  # fmt: skip
        machine.write(left_out)

    archive = machine.archive(exclude=("*.zip", "data/hidden"))

    manifest = archive_files.verify(archive.path)
    assert {path for path, _, _ in manifest.files} == {
        "fastai/courses/tmp-lesson1.ipynb", "Ünïcode 'quoted'\n.txt", os.fsdecode(b"latin\xe9"), "sparse",
    }  # fmt: skip
    assert set(manifest.links) == {("outside", "/etc"), ("dangling", "nowhere")}
    assert {"empty", "data", ".jupyter"} <= set(manifest.folders)
    assert set(manifest.skipped) == {"pipe", "socket"}
    record = archive.record
    assert record
    assert (record.stack, record.machine_id, record.count) == ("anna", "ps1", 4)
    assert record.bytes == sum(size for _, size, _ in manifest.files)
    assert archive_files.list_archives(machine.directory, "anna") == [archive]
    assert [stat.S_IMODE(path.stat().st_mode) for path in archive.path.parent.iterdir()] == [0o600, 0o600]
    assert stat.S_IMODE(archive.path.parent.stat().st_mode) == 0o700


def test_too_large_a_work_set_is_refused_with_its_largest_folders(machine: Machine) -> None:
    machine.write("data/imagenet/a").write_bytes(bytes(3000))
    machine.write("fastai/b").write_bytes(bytes(1000))
    with pytest.raises(ArchiveError) as refused:
        machine.archive(limit_gb=0.000001)
    for told in (
        "is 4 kB in 2 files, the limit is 1 kB",
        "The largest folders: data/imagenet 3 kB, fastai 1 kB.",
        "Raise archive_limit_gb or leave folders out with archive_exclude; run up",
    ):
        assert told in str(refused.value)
    assert left_in(machine.directory) == []


@pytest.mark.parametrize("in_words", [archive_words.size, pack_home.in_words])
def test_a_size_is_told_in_the_unit_that_fits(in_words: Callable[[int], str]) -> None:
    told = [in_words(size) for size in (33_500, 3_400_000, 20_000_000_000)]
    assert told == ["34 kB", "3.4 MB", "20.0 GB"]


def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(machine: Machine) -> None:
    machine.directory.parent.joinpath("archives").write_text("a file in the way")
    with pytest.raises(ArchiveError, match=r"archives.*Not a directory|archives.*File exists"):
        machine.archive()


def test_a_machine_that_does_not_answer_is_an_error_of_its_own(machine: Machine) -> None:
    login = machine.login
    machine.server.call(machine.server.close())
    with pytest.raises(MachineSilent, match="Connect call failed"):
        archive_home(login, machine.packing(), login_seconds=0.1)


def test_what_an_interrupted_run_left_goes_and_what_a_living_run_writes_stays(machine: Machine) -> None:
    folder = machine.directory / "anna"
    folder.mkdir(parents=True)
    (folder / "20260101T000000Z-ps1.tar.gz.part").write_text("half")
    (folder / "20260101T000000Z-ps2.tar.gz.part").write_text("of another machine")
    living = home_packing.Packing("anna", "ps1", str(machine.directory))
    with home_packing.part_file(home_packing.new_path(living), "ps1") as part:
        assert left_in(folder) == sorted([Path(part.name).name, "20260101T000000Z-ps2.tar.gz.part"])
        home_packing.remove_leftovers(folder, "ps1")
        assert Path(part.name).exists()


def damaged(path: Path, how: str) -> None:
    whole = path.read_bytes()
    if how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "bit":
        path.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    elif how == "content":
        path.write_bytes(gzip.compress(gzip.decompress(whole).replace(b"my work", b"my vork")))
    else:
        path.write_bytes(b"no archive at all")


@pytest.mark.parametrize("how", ["cut", "bit", "content", "other"])
def test_a_damaged_archive_is_seen_with_and_without_its_record(machine: Machine, how: str) -> None:
    machine.write("notes.txt", "my work")
    archive = machine.archive()
    damaged(archive.path, how)
    for record in (archive.record, None):
        with pytest.raises(DamagedArchive, match="damaged"):
            archive_files.check(ArchiveFile(archive.path, record))


@pytest.mark.parametrize("how", ["cut", "content"])
def test_a_transfer_that_is_damaged_on_the_way_leaves_no_archive(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    machine.write("notes.txt", "my work")
    checked = home_packing.checked

    def damage_first(part: Path, *rest: object) -> object:
        damaged(part, how)
        return checked(part, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(home_packing, "checked", damage_first)
    with pytest.raises(DamagedArchive):
        machine.archive()
    assert left_in(machine.directory) == []


def test_a_machine_that_dies_in_the_middle_leaves_no_archive(machine: Machine, guest: GuestHome) -> None:
    guest.command("env", "head -c 100 /dev/urandom; kill -9 $$")
    with pytest.raises(ArchiveError):
        machine.archive()
    assert left_in(machine.directory) == []


def test_latest_and_paths_are_found_and_what_is_not_there_is_told(machine: Machine) -> None:
    with pytest.raises(NoArchive, match="no archive of stack anna"):
        archive_files.find_archive("latest", machine.directory, "anna")
    first, second = machine.archive(), machine.archive()
    assert archive_files.find_archive("latest", machine.directory, "anna") == second
    assert archive_files.find_archive(str(first.path), "/nowhere", "ben") == first
    with pytest.raises(NoArchive, match=first.path.name):
        archive_files.find_archive("/wrong.tar.gz", machine.directory, "anna")


def test_a_restored_home_is_the_archived_one_and_what_differed_is_moved_aside(machine: Machine) -> None:
    machine.write("notes.txt", "mine")
    machine.write("run.sh", "#!/bin/sh").chmod(0o755)
    machine.write("fastai/lesson.ipynb", "my edit")
    machine.write("fastai/.git/HEAD", "mine")
    machine.write("same.txt", "same")
    (machine.home / "link").symlink_to("notes.txt")
    archive = machine.archive()

    machine.write("notes.txt", "of the new machine")
    (machine.home / "run.sh").unlink()
    (machine.home / "link").unlink()
    machine.write("fastai/lesson.ipynb", "upstream")
    machine.write("fastai/.git/HEAD", "theirs")
    machine.write("fastai/newer.py", "upstream")
    machine.write("untouched", "of the new machine")
    restored = restore(machine, archive)

    assert (machine.home / "notes.txt").read_text() == "mine"
    assert stat.S_IMODE((machine.home / "run.sh").stat().st_mode) == 0o755
    assert (machine.home / "link").readlink() == Path("notes.txt")
    assert (machine.home / "untouched").read_text() == "of the new machine"
    assert sorted(path.name for path in (machine.home / "fastai").iterdir()) == [".git", "lesson.ipynb"]
    assert restored.moved_aside == ("fastai", "notes.txt")
    aside = machine.home / str(restored.aside)
    assert (aside / "notes.txt").read_text() == "of the new machine"
    assert (aside / "fastai/newer.py").read_text() == "upstream"
    assert not (machine.home / ".local/state/fastai/restore").exists()

    machine.write("notes.txt", "written since")
    assert restore(machine, archive).is_new is False
    assert (machine.home / "notes.txt").read_text() == "written since"
    assert restore(machine, archive, again=True).moved_aside == ("notes.txt",)


def restore(machine: Machine, archive: ArchiveFile, *, again: bool = False) -> Restored:
    home = str(machine.home)
    return restore_home(machine.login, archive, machine.told.append, home=home, again=again)


def unpack(machine: Machine, data: bytes) -> subprocess.CompletedProcess[bytes]:
    program = machine.home.parent / "unpack.py"
    program.write_text(guest_files.read("unpack_home.py"))
    wanted = json.dumps({"home": str(machine.home), "bytes": 1, "sha256": "s", "now": "now"})
    return subprocess.run(
        ["python3", str(program), wanted], input=data, capture_output=True, check=False, timeout=30
    )


@pytest.mark.parametrize("how", ["cut", "content", "other"])
def test_what_arrives_damaged_changes_nothing_on_the_machine(machine: Machine, how: str) -> None:
    machine.write("notes.txt", "my work")
    archive = machine.archive()
    machine.write("notes.txt", "of the new machine")
    damaged(archive.path, how)
    result = unpack(machine, archive.path.read_bytes())
    assert (result.returncode, b"did not arrive" in result.stderr) == (3, True)
    assert (machine.home / "notes.txt").read_text() == "of the new machine"
    assert not (machine.home / ".local/state/fastai/restored").exists()


def test_the_machines_programs_run_on_the_python_of_the_courses_template() -> None:
    for name in ("pack_home.py", "unpack_home.py"):
        ast.parse(guest_files.read(name), feature_version=(3, 6))
