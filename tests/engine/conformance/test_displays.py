"""What a run shows is, line by line, what the real CLI showed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conformance.stack import Stack

RECORDED = Path(__file__).parent / "displays.json"
RUNS = [
    "up --yes --skip-preview --diff @base",
    "preview --diff @update",
    "up --yes --skip-preview @update",
    "preview @replace",
    "up --yes --skip-preview --diff --show-secrets --show-full-output @replace",
    "destroy --yes --skip-preview --diff @replace",
]
_BEATS_AND_PLUGINS_ON_PATH = re.compile(
    r"@ .*|.*using pulumi-resource-command from .*|.* running |Diagnostics:|  pulumi:pulumi:Stack \(.*|"
)


def shown(stack: Stack) -> dict[str, list[object]]:
    """Exit code and lines of each run; seconds and ids get fixed names, heartbeats and blank lines are left
    out."""
    stack.create()
    found: dict[str, list[object]] = {}
    for run in RUNS:
        command, _, step = run.partition(" @")
        result = stack.run(*command.split(), step=step)
        text = re.sub(r"\(\d+(\.\d+)?s\)|(?<=Duration: )\d+s", "SECONDS", result.stdout)
        text = text.replace("  1 warning", "  ").replace(" 1 warning", " ")
        lines = [line for line in text.split("\n") if not _BEATS_AND_PLUGINS_ON_PATH.fullmatch(line)]
        found[run] = [result.exit_code, lines]
    return found


def test_runs_show_what_the_real_cli_showed(pulumi: Path, tmp_path: Path) -> None:
    assert shown(Stack(pulumi, tmp_path, "shown")) == json.loads(RECORDED.read_text())


@pytest.mark.real_engine
def test_the_recorded_lines_are_the_real_ones(
    real_pulumi: Path, tmp_path: Path, record: Callable[[Path, object], None]
) -> None:
    lines = shown(Stack(real_pulumi, tmp_path, "shown"))
    record(RECORDED, lines)
    assert lines == json.loads(RECORDED.read_text())
