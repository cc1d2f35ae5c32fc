"""One directory of machines for all tests, at the level that this computer allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from sandbox.guest import levels
from tests.sandbox.guest.students import FASTAI, Student, World, student_of


@pytest.fixture(scope="session")
def level(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The level that this computer allows; SANDBOX_GUEST_LEVEL=L0 runs all tests at the other one."""
    return levels.choose(tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, level: str) -> Iterator[World]:
    """Where all tests keep their machines."""
    world = World(tmp_path_factory.mktemp("world"), level)
    world.open()
    yield world
    world.guests.close()


@pytest.fixture(scope="session")
def fastai(world: World, tmp_path_factory: pytest.TempPathFactory) -> Student:
    """A student on a machine of the fast.ai template; tests leave it usable for the next."""
    world.boot("psfastai1", template=FASTAI)
    return student_of(world, tmp_path_factory.mktemp("student"), "psfastai1")


@pytest.fixture
def plain(world: World, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Student]:
    """A student on a fresh machine of a plain template, which is deleted after the test."""
    machine = f"ps{crc32(request.node.name.encode()):08x}"
    world.boot(machine)
    yield student_of(world, tmp_path, machine)
    world.guests.delete(machine)


@pytest.fixture(scope="session")
def shared(world: World, tmp_path_factory: pytest.TempPathFactory) -> Student:
    """A student on a plain machine that tests share; they neither stop it nor depend on one another."""
    world.boot("psshared")
    return student_of(world, tmp_path_factory.mktemp("shared"), "psshared")
