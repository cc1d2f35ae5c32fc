from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from tests.components.guest import GuestHome

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of a resource that the package itself imports
    import pulumi_command.remote.copy_file  # noqa: F401


@pytest.fixture
def guest(tmp_path: Path) -> GuestHome:
    machine = GuestHome(tmp_path / "machine")
    machine.home.mkdir(parents=True)
    return machine
