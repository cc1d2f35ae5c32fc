"""When `lab lesson` last looked at the timetable, and whose machines it could not switch then.

A scheduled run that comes late, or not at all, is made up for by the next one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ValidationError

from lab.atomic import write_text
from lab.project import Project
from lab.timetable import Switch

CATCH_UP = timedelta(hours=12)
"""What is older is not made up for: the lesson after it decides."""


class LessonRecord(BaseModel):
    """`again`: students whose machine is still to be switched as `switch` says."""

    looked: datetime | None = None
    switch: Switch | None = None
    again: tuple[str, ...] = ()

    def since(self, now: datetime, minutes: int) -> datetime:
        """From when on things are due; `minutes` before `now` where nobody looked yet."""
        if self.looked is None or self.looked > now:
            return now - timedelta(minutes=minutes)
        return max(self.looked.astimezone(now.tzinfo), now - CATCH_UP)


def path_in(project: Project) -> Path:
    return project.private / "ledger" / "lesson.json"


def load(project: Project) -> LessonRecord:
    """An empty record where there is none, or a damaged one."""
    try:
        return LessonRecord.model_validate_json(path_in(project).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return LessonRecord()


def save(project: Project, record: LessonRecord) -> None:
    write_text(path_in(project), record.model_dump_json(indent=1) + "\n")
