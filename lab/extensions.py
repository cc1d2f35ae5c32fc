"""Machines that `lab extend` keeps on: the timetable's stop leaves them alone until then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from lab.atomic import write_text
from lab.project import Project


def path_in(project: Project) -> Path:
    return project.private / "ledger" / "extensions.json"


def record(project: Project, extended: Mapping[str, datetime | None], now: datetime) -> None:
    """Student -> until when; None takes an extension back. What is over is forgotten."""
    kept = {**kept_on(project, now), **extended}
    lines = {student: until.isoformat() for student, until in sorted(kept.items()) if until and until > now}
    write_text(path_in(project), json.dumps(lines, indent=1) + "\n")


def kept_on(project: Project, now: datetime) -> dict[str, datetime]:
    """Student -> until when, of those that are kept on at `now`; a damaged file keeps nobody on."""
    try:
        stored = json.loads(path_in(project).read_text(encoding="utf-8"))
        known = {str(student): datetime.fromisoformat(until) for student, until in stored.items()}
        return {student: until for student, until in known.items() if until > now}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
