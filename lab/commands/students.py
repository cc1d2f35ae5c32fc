"""`lab students`: who is in the class."""

from __future__ import annotations

import json as json_format

from lab import affected
from lab.commands.affected import Shard, parts
from lab.options import Json
from lab.project import find_project


def students(shard: Shard = "1/1", json: Json = False) -> None:
    """Name the students of the class, one a line; with --shard only a part, for several computers."""
    names = [student.name for student in find_project().all_students()]
    chosen = affected.shard(names, *parts(shard))
    if json:
        print(json_format.dumps(chosen))
        return
    for name in chosen:
        print(name)
