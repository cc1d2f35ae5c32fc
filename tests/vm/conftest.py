"""One virtual machine behind the sandbox's API; root on Linux with qemu only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.tiers import machines_of, tidy_sandbox

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.vm)


@pytest.fixture(scope="session", autouse=True)
def vm_level() -> Iterator[None]:
    with machines_of("vm"):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox keeps its state and its machines' disks."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def sandbox(folder: Path, vm_level: None) -> Iterator[Sandbox]:
    with tidy_sandbox(folder) as world:
        yield world
