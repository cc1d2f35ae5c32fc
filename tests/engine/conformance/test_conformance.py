"""The engine plans, does and stores what the real CLI does, over a table of programs and operations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conformance.cases import CASES
from tests.engine.conformance.comparison import differences
from tests.engine.conformance.conftest import RECORDED, write_record

Outcome = list[dict[str, Any]]


@pytest.mark.parametrize("case", CASES)
def test_the_engine_does_what_the_real_cli_did(
    case: str,
    pulumi: Path,
    outcome_of: Callable[[str, Path], Outcome],
    recorded: Callable[[str], Outcome],
) -> None:
    """Plans, exit codes, checkpoints and the world after each step, against what was recorded."""
    assert differences(recorded(case), outcome_of(case, pulumi)) == []


@pytest.mark.real_engine
@pytest.mark.parametrize("case", CASES)
def test_both_engines_do_the_same_now(
    case: str,
    sandbox_pulumi: Path,
    real_pulumi: Path,
    outcome_of: Callable[[str, Path], Outcome],
    recording: bool,
) -> None:
    real = outcome_of(case, real_pulumi)
    if recording:
        write_record(case, real)
    assert differences(real, outcome_of(case, sandbox_pulumi)) == []


def test_every_record_belongs_to_a_case() -> None:
    assert {path.stem for path in RECORDED.iterdir()} == set(CASES)
