"""`lab students`: who is in the class."""

from __future__ import annotations

from lab import affected
from lab.commands.affected import Shard, parts
from lab.project import find_project


def students(shard: Shard = "1/1") -> None:
    """Name the students of the class, one a line; with --shard only a part, for several computers."""
    names = [student.name for student in find_project().all_students()]
    for name in affected.shard(names, *parts(shard)):
        print(name)
