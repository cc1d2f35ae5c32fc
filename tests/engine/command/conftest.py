"""The two implementations of the command provider, and the answers that the real one gave."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.engine.command.plugins import Plugin, real, stand_in

ANSWERS = Path(__file__).parent / "answers.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    with suppress(ValueError):
        parser.addoption("--record", action="store_true", help="write down what the real programs answer")


@pytest.fixture(scope="session")
def answers(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """The real plugin's answers by case; with --record, what the live tests add is written."""
    recording = request.config.getoption("--record", default=False)
    known = json.loads(ANSWERS.read_text()) if ANSWERS.exists() and not recording else {}
    yield known
    if recording and known:
        ANSWERS.write_text(json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


@pytest.fixture(scope="module")
def plugin() -> Iterator[Plugin]:
    """Our provider."""
    with stand_in() as running:
        yield running


@pytest.fixture(scope="module")
def real_plugin() -> Iterator[Plugin]:
    """pulumi-command itself."""
    executable = shutil.which("pulumi-resource-command")
    assert executable, "put pulumi-resource-command 1.2.1 on PATH"
    with real(executable) as running:
        yield running
