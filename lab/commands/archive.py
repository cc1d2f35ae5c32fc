"""`lab archive`: fetch what students made, from machines that run."""

from __future__ import annotations

from collections.abc import Callable

from components import archive_words
from lab import archives, class_machines, class_operation
from lab.archives import Listed
from lab.class_machines import OnMachines
from lab.options import Json, Parallel, Students
from lab.outputs import Outputs
from lab.run_result import Result
from lab.words import plural

AT_ONCE = 4
"""The network is the limit, not the processors."""


def archive(students: Students = None, parallel: Parallel = None, json: Json = False) -> None:
    """Fetch a verified archive of each running machine's home folder onto this computer."""
    group = class_operation.open_class(students or ())
    made: dict[str, Listed] = {}

    def one(student: str, exported: Outputs, tell: Callable[[str], None]) -> Result:
        file = archives.make(group.project, student, exported, tell)
        made[student] = Listed(student, file)
        note = f"{archive_words.content(file.record)}  {file.path}" if file.record else str(file.path)
        return Result(student, "archive", "succeeded", note=note)

    work = OnMachines("archive", one, bool(students), parallel or AT_ONCE)
    results = class_machines.on_machines(work, group, parallel)
    if not json:
        print(totals(list(made.values())))
    class_operation.conclude("archive", results, json, {name: each.as_json() for name, each in made.items()})


def totals(made: list[Listed]) -> str:
    """How much in all, then each with its sum, to be compared later."""
    records = {each.student: record for each in made if (record := each.file.record)}
    size = archive_words.size(sum(record.bytes for record in records.values()))
    count = sum(record.count for record in records.values())
    lines = [f"{student}  sha256 {record.sha256}" for student, record in records.items()]
    return "\n".join([f"{plural(len(made), 'archive')}: {plural(count, 'file')}, {size}", *lines])
