"""`lab affected`: whom the changes since a commit concern."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict
from typing import Annotated

import typer

from lab import affected as affected_students
from lab.errors import LabError
from lab.git import Git
from lab.project import find_project

LIMIT = 60

Base = Annotated[str, typer.Option("--base", help="The branch or commit that it is compared with.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Most students for a change that all share.")]
Shard = Annotated[
    str, typer.Option("--shard", help="Only every n-th student: 2/5 is the second of five parts.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Also who was deleted or left out, as JSON.")]


def affected(
    base: Base = "origin/main", limit: Limit = LIMIT, shard: Shard = "1/1", json: AsJson = False
) -> None:
    """Name the students whom the changes since a commit concern, one a line."""
    project = find_project()
    found = affected_students.find(project, Git(project.root).changed_files(base), limit)
    if json:
        print(json_format.dumps(asdict(found)))
        return
    for name in affected_students.shard(found.students, *parts(shard)):
        print(name)


def parts(text: str) -> tuple[int, int]:
    """(index, count) of `2/5`. Raises LabError."""
    index, slash, count = text.partition("/")
    if not (slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        message = f"--shard {text}: give the part and the number of parts, as in 2/5"
        raise LabError(message)
    return int(index), int(count)
