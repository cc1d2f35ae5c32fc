"""What is seen of an archive to restore before anything is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components import preflight, settings

URN = "urn:pulumi:anna::p::fastai:paperspace:Workstation$pulumi-python:"
RESTORED = {f"{URN}{preflight.RESTORE_TYPE}": {"restore_from": "latest"}}
ARCHIVED = {f"{URN}{preflight.ARCHIVE_TYPE}": {"mode": "on", "directory": "~/fastai-archives"}}
LATEST = {"restore_from": "latest"}


@pytest.mark.parametrize(
    ("stored", "config", "refused"),
    [
        ({}, {}, ""),
        ({}, LATEST, "there is no archive of stack anna"),
        ({}, {"restore_from": "~/a.tar.gz"}, "there is no archive"),
        (RESTORED, LATEST, ""),
        (RESTORED, {"restore_from": "~/a.tar.gz"}, "there is no archive"),
        (ARCHIVED, LATEST, ""),
        (ARCHIVED, {"restore_from": "~/a.tar.gz"}, "there is no archive"),
        (ARCHIVED, {**LATEST, "archive_directory": "/x"}, "no archive"),
    ],
)
def test_an_archive_that_is_not_there_is_refused_unless_it_is_restored_or_made_in_time(
    stored: dict[str, Any],
    config: dict[str, str],
    refused: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    problems = preflight.restore_problems(settings.parse(config), "anna", stored)
    assert bool(problems) == bool(refused)
    assert refused in "".join(map(str, problems))
