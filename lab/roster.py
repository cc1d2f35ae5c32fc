"""The class list: a CSV file with one student a line.

The first line names the columns: `student` (the id), any configuration key, and `name` and `email`, which
never leave the list; capitals do not matter there. An empty cell says nothing about a key; `-` means the
default. Lists are divided by `|`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from components import settings
from components.settings import InvalidSettings, Settings
from lab.errors import LabError, Problems
from lab.project import ID_RULE, is_student_id
from lab.student_files import as_text, encrypt
from provider.suggestions import did_you_mean

ID_COLUMN = "student"
PRIVATE_COLUMNS = ("name", "email")
DEFAULT = "-"
LIST_KEYS = ("machine_types", "regions")

Value = bool | int | str | list[str]
Values = dict[str, Value | None]
"""Config key -> value; None is the default of Pulumi.yaml."""


@dataclass(frozen=True)
class Row:
    """One student's line. `line` counts from 1, as an editor does."""

    line: int
    student: str
    values: Values


@dataclass(frozen=True)
class Line:
    """Cells as they stand in the file."""

    number: int
    cells: list[str]


def read(path: Path) -> list[Row]:
    """Every row. Raises Problems with all that is wrong, by line; LabError if it cannot be read at all."""
    lines = list(read_lines(path))
    if not lines:
        message = f"{path} is empty; its first line names the columns, at least `{ID_COLUMN}`"
        raise LabError(message)
    header = [cell.strip().lower() for cell in lines[0].cells]
    if problems := list(header_problems(header)):
        heading = f"{path} cannot be used:"
        raise Problems(heading, [f"line {lines[0].number}: {text}" for text in problems])
    rows, found = [], []
    for line in lines[1:]:
        wrong = list(line_problems(header, line))
        found += [f"line {line.number}: {text}" for text in wrong]
        if not wrong:
            rows.append(row_of(header, line))
    found += list(duplicates(rows))
    if found:
        heading = f"{path} cannot be used:"
        raise Problems(heading, sorted(found, key=line_number))
    return rows


def read_lines(path: Path) -> Iterator[Line]:
    """Lines with a cell in them; comma, semicolon or tab, as the first line has it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as failure:
        message = f"{path} cannot be read: {failure.strerror}"
        raise LabError(message) from None
    except UnicodeDecodeError as failure:
        line = path.read_bytes()[: failure.start].count(b"\n") + 1
        message = f"{path}: line {line}: not UTF-8; save the list as CSV UTF-8"
        raise LabError(message) from None
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter(text), strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(begins, cells)
            begins = reader.line_num + 1
    except csv.Error as failure:
        message = f"{path}: line {begins}: {failure}; a quote inside a quoted cell is written twice"
        raise LabError(message) from None


def delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def header_problems(header: list[str]) -> Iterator[str]:
    known = [ID_COLUMN, *PRIVATE_COLUMNS, *(k for k in Settings.model_fields if k not in settings.SECRETS)]
    if ID_COLUMN not in header:
        yield f"no column `{ID_COLUMN}`; it holds the student's id"
    for name in header:
        if name in settings.SECRETS:
            yield f"{name!r} is a secret and has no place in a list; {encrypt(name, '<student>')}"
        elif name not in known:
            yield f"there is no column {name!r}; {did_you_mean(name, known)}"
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield f"the column {name!r} is there twice"


def line_problems(header: list[str], line: Line) -> Iterator[str]:
    if len(line.cells) != len(header):
        yield (
            f"{len(line.cells)} cells under {len(header)} columns; "
            'a value that holds the divider is written in double quotes: "a,b"'
        )
        return
    row = row_of(header, line)
    if not is_student_id(row.student):
        yield f"{ID_COLUMN} = {row.student!r}: {ID_RULE}"
    try:
        settings.parse({key: as_text(value) for key, value in row.values.items() if value is not None})
    except InvalidSettings as invalid:
        yield from map(str, invalid.problems)


def row_of(header: list[str], line: Line) -> Row:
    cells = dict(zip(header, (cell.strip() for cell in line.cells), strict=True))
    values: Values = {}
    for key, cell in cells.items():
        if key in (ID_COLUMN, *PRIVATE_COLUMNS) or not cell:
            continue
        values[key] = None if cell == DEFAULT else parsed(key, cell)
    return Row(line.number, cells[ID_COLUMN], values)


def parsed(key: str, cell: str) -> Value:
    """The cell in YAML's own type; what does not fit stays text, for the schema to refuse."""
    if key in LIST_KEYS:
        return [part.strip() for part in cell.split("|")]
    kind = Settings.model_fields[key].annotation
    if kind is bool and cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    return int(cell) if kind is int and cell.isdecimal() and cell.isascii() else cell


def duplicates(rows: list[Row]) -> Iterator[str]:
    first: dict[str, int] = {}
    for row in rows:
        if row.student in first:
            yield f"line {row.line}: {ID_COLUMN} = {row.student!r} is already on line {first[row.student]}"
        first.setdefault(row.student, row.line)


def line_number(problem: str) -> int:
    return int(problem.split()[1].rstrip(":"))
