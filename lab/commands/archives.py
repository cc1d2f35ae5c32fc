"""`lab archives`: which archives of students' work lie on this computer."""

from __future__ import annotations

import json as json_format
from typing import Annotated

import typer

from components import archive_words
from lab import archives as class_archives
from lab import tables
from lab.archives import Listed
from lab.options import Json, Students
from lab.project import find_project
from lab.words import plural

COLUMNS = ("student", "date", "machine", "files", "size", "archive", "note")

Verify = Annotated[bool, typer.Option("--verify", help="Read each through and compare it with its record.")]


def archives(students: Students = None, verify: Verify = False, json: Json = False) -> None:
    """List the archives on this computer, also of who left; with --verify say which are damaged."""
    project = find_project()
    if students:
        chosen = project.chosen(students, without_file=students)
        found = class_archives.of_students(project, chosen, verify)
    else:
        found = class_archives.of_everybody(project, verify)
    if json:
        print(json_format.dumps([each.as_json() for each in found], indent=1))
    else:
        tables.show(COLUMNS, map(row, found), numbers=("files", "size"))
        size = archive_words.size(sum(each.file.path.stat().st_size for each in found))
        print(f"{plural(len(found), 'archive')}, {size} on this computer.")
    if any(each.damage for each in found):
        raise typer.Exit(1)


def row(each: Listed) -> list[str]:
    record = each.file.record
    return [
        each.student,
        record.date if record else "",
        each.file.machine_id,
        str(record.count) if record else "",
        archive_words.size(record.bytes) if record else "",
        str(each.file.path),
        each.damage or ("" if record else "no record beside it"),
    ]
