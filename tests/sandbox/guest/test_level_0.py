"""Level L0, where a computer allows no namespaces: plain processes, GUEST_ROOT before absolute paths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.sandbox.guest.students import FASTAI, PASSWORD, Student, World, student_of
from tests.sandbox.guest.test_fastai_template import UNIT, notebooks
from tests.sandbox.guest.test_files import scp
from tests.sandbox.guest.test_machines import STUBBORN, alive, only_name
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def world_0(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world0"), "L0")
    world.open()
    yield world
    world.guests.close()


@pytest.fixture(scope="module")
def bare(world_0: World, tmp_path_factory: pytest.TempPathFactory) -> Student:
    """A student on a machine of the fast.ai template at L0."""
    world_0.boot("pslevel0", template=FASTAI)
    return student_of(world_0, tmp_path_factory.mktemp("student0"), "pslevel0")


def test_the_home_and_guest_root_are_the_machines(bare: Student, world_0: World) -> None:
    disk = world_0.disk("pslevel0")
    assert (
        bare.out("pwd; echo $GUEST_ROOT; ls")
        == f"{disk}/home/paperspace\n{disk}\nanaconda3\ndata\ndownloads\nfastai"
    )
    assert bare.out("cat $GUEST_ROOT/etc/hostname") == "pslevel0"


def test_absolute_and_relative_paths_of_scp_are_the_machines(bare: Student, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    scp(bare, str(tmp_path / "f"), f"{bare.address}:/home/paperspace/one")
    scp(bare, str(tmp_path / "f"), f"{bare.address}:two")
    scp(bare, str(tmp_path / "f"), f"{bare.address}:{bare.out('echo $GUEST_ROOT')}/etc/three")
    assert bare.out("cat one two $GUEST_ROOT/etc/three; rm one two") == "xxx"


def test_passwords_sudo_git_and_conda_work(bare: Student) -> None:
    assert bare.with_password(PASSWORD)
    bare.out("sudo chpasswd", given=b"paperspace:other\n")
    assert bare.with_password("other")
    bare.out("cd fastai && git pull -q && conda env update")
    assert bare.out("conda run -n fastai python -c 'import fastai; print(fastai.__version__)'") == "0.6.2"


def test_jupyter_runs_as_a_service(bare: Student) -> None:
    inside, outside = free_port(), free_port()
    text = UNIT.replace("HOME", bare.out("echo $HOME")).replace("PORT", str(inside))
    bare.out("tee $GUEST_ROOT/etc/systemd/system/jupyter.service", given=text.encode())
    bare.out("sudo systemctl enable --now jupyter")
    assert notebooks(bare, inside, outside) == ["dl1"]
    bare.out("sudo systemctl stop jupyter")


def test_halt_ends_also_what_was_set_free(world_0: World, tmp_path: Path) -> None:
    world_0.boot("pslevel0b")
    student = student_of(world_0, tmp_path, "pslevel0b")
    name = only_name()
    student.out(STUBBORN % name)
    wait_until(lambda: alive(name), "the process runs")
    world_0.guests.halt("pslevel0b")
    assert not alive(name)


def test_poweroff_is_told(world_0: World, tmp_path: Path) -> None:
    world_0.boot("pslevel0c")
    student_of(world_0, tmp_path, "pslevel0c").run("sudo systemctl poweroff")
    assert world_0.off.get(timeout=30) == "pslevel0c"
