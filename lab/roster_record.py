"""What the class list said when it was last applied: `.roster.json` beside the students' files, kept in git.

With it a hand edit can be told from an older roster's value, and who left from who was never on the list.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lab.atomic import write_text
from lab.errors import LabError
from lab.roster import Values

Record = dict[str, Values]
"""Student -> what the list said of each key."""

ADAPTER = TypeAdapter(Record)


def path_in(folder: Path) -> Path:
    return folder / ".roster.json"


def load(folder: Path) -> Record:
    """Empty before the first apply. Raises LabError where it was damaged."""
    path = path_in(folder)
    if not path.exists():
        return {}
    try:
        return ADAPTER.validate_json(path.read_text(encoding="utf-8"))
    except ValidationError:
        message = f"{path} is damaged; take it from git again: git checkout -- {path}"
        raise LabError(message) from None


def save(folder: Path, record: Record) -> None:
    lines = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False)
    write_text(path_in(folder), f"{lines}\n")
