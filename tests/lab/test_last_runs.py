"""What the report says of a student by the last runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lab import last_runs
from lab.project import Project
from tests.lab.project_files import make_project

SUCCEEDED, FAILED = {"outcome": "succeeded"}, {"outcome": "failed"}


def leave(project: Project, operation: str, at: int, result: dict[str, str]) -> None:
    path = project.private / "runs" / operation / "anna.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result))
    os.utime(path, (at, at))


@pytest.mark.parametrize(
    ("destroyed_at", "result", "drift"),
    [
        (0, SUCCEEDED, "none, just brought up"),
        (3, SUCCEEDED, ""),
        (3, FAILED, "not known"),
        (3, {"outcome": "interrupted"}, "not known"),
    ],
)
def test_a_destroy_after_the_last_up_is_not_told_as_just_brought_up(
    tmp_path: Path, destroyed_at: int, result: dict[str, str], drift: str
) -> None:
    project = make_project(tmp_path)
    leave(project, "preview", 1, SUCCEEDED)
    leave(project, "up", 2, SUCCEEDED)
    leave(project, "destroy", destroyed_at, result)
    assert last_runs.drift(project, "anna") == drift
