from __future__ import annotations

from pathlib import Path

import pytest

from tests.components.guest import GuestHome


@pytest.fixture
def guest(tmp_path: Path) -> GuestHome:
    machine = GuestHome(tmp_path / "machine")
    machine.home.mkdir(parents=True)
    return machine
