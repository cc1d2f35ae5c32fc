from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path, pulumi: Path) -> Workbench:
    """A fresh project with the stack `dev`."""
    made = Workbench(tmp_path / "bench", pulumi)
    made.run("stack", "init", "dev")
    return made


@pytest.fixture
def sandbox_only(request: pytest.FixtureRequest) -> None:
    """For what only the sandbox engine does."""
    if request.config.getoption("--engine") != "sandbox":
        pytest.skip("a property of the sandbox engine")
