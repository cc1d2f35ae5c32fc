"""What is seen of an archive to restore before anything is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components import preflight, settings

URN = "urn:pulumi:anna::p::fastai:paperspace:Workstation$pulumi-python:"
RESTORED = {f"{URN}{preflight.RESTORE_TYPE}": {"restore_from": "latest"}}
ARCHIVED = {f"{URN}{preflight.ARCHIVE_TYPE}": {"mode": "on", "directory": "~/fastai-archives"}}
IN_TIME = {"restore_from": "latest", "keep_public_ip": "true"}


@pytest.mark.parametrize(
    ("stored", "config", "refused"),
    [
        ({}, {}, ""),
        ({}, {"restore_from": "latest"}, "there is no archive of stack anna"),
        ({}, {"restore_from": "~/a.tar.gz"}, "there is no archive"),
        (RESTORED, {"restore_from": "latest"}, ""),
        (RESTORED, {"restore_from": "~/a.tar.gz"}, "there is no archive"),
        (ARCHIVED, {"restore_from": "latest"}, "there is no archive of stack anna"),
        (ARCHIVED, IN_TIME, ""),
        (ARCHIVED, {**IN_TIME, "archive_directory": "/x"}, "no archive"),
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
