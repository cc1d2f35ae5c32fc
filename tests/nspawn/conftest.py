"""A real Debian with systemd, PAM, sudo and sshd behind the sandbox's API; root on Linux only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.guest.nspawn.network import MACHINE
from sandbox.server import Sandbox
from tests.tiers import machines_of, tidy_sandbox

LOOPBACK = ["127.0.0.1", "::1", "localhost", "127.0.0.0/8"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The machine's address is one of its own network namespace, whose only device is a loopback."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.nspawn)
            item.add_marker(pytest.mark.allow_hosts([*LOOPBACK, MACHINE]))


@pytest.fixture(scope="session", autouse=True)
def nspawn_level() -> Iterator[None]:
    with machines_of("nspawn"):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox keeps its state and its machines' disks."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def sandbox(folder: Path, nspawn_level: None) -> Iterator[Sandbox]:
    with tidy_sandbox(folder) as world:
        yield world
