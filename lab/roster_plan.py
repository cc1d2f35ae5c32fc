"""From a class list to changes of the students' files: all planned and checked first, then written.

For each key three values meet: what the list said when it was last applied, what it says now, and what the
file has. The list's change goes in; a hand edit stays; where both changed the same key, it is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lab import roster_record
from lab.errors import Problems
from lab.project import Project, Student
from lab.roster import Row, Value, Values
from lab.roster_record import Record
from lab.student_files import StudentFile, Unreadable, as_text


@dataclass(frozen=True)
class KeyChange:
    """One key of one student; None is the default."""

    key: str
    old: Value | None
    new: Value | None

    def __str__(self) -> str:
        return f"{self.key} {shown(self.old)} -> {shown(self.new)}"


@dataclass
class Plan:
    """What `apply` would write; nothing is written before `write`."""

    added: dict[str, StudentFile] = field(default_factory=dict)
    changed: dict[str, tuple[StudentFile, list[KeyChange]]] = field(default_factory=dict)
    kept_by_hand: dict[str, list[str]] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    left: list[Student] = field(default_factory=list)
    record: Record = field(default_factory=dict)


def shown(value: Value | None) -> str:
    return "default" if value is None else as_text(value)


def plan(project: Project, rows: list[Row], roster_wins: bool = False) -> Plan:
    """The plan for this list. Raises Problems with every conflict and every file that cannot be used."""
    record = roster_record.load(project.students_folder)
    made, problems = Plan(), []
    for row in rows:
        problems += list(plan_row(made, project, row, record.get(row.student), roster_wins))
    listed = {row.student for row in rows}
    made.left = [s for s in project.class_members() if s.name in record and s.name not in listed]
    made.record |= {student.name: record[student.name] for student in made.left}
    if problems:
        heading = "nothing was written:"
        raise Problems(heading, problems)
    return made


def plan_row(
    made: Plan, project: Project, row: Row, before: Values | None, roster_wins: bool
) -> Iterator[str]:
    """Adds one row to the plan; yields what is wrong."""
    path = project.student_file(row.student)
    made.record[row.student] = row.values
    if not path.exists():
        yield from plan_new(made, project, row)
        return
    try:
        file = StudentFile.load(path, project.name)
    except Unreadable as unreadable:
        yield str(unreadable.problem)
        return
    changes, conflicts = merge(file, row, before, roster_wins)
    yield from conflicts
    for change in changes:
        put(file, change.key, change.new)
    yield from map(str, file.problems())
    made.kept_by_hand[row.student] = hand_edits(file, row.values)
    if changes:
        made.changed[row.student] = (file, changes)
    else:
        made.unchanged.append(row.student)


def plan_new(made: Plan, project: Project, row: Row) -> Iterator[str]:
    if (project.root / f"Pulumi.{row.student}.yaml").exists():
        yield f"line {row.line}: Pulumi.{row.student}.yaml beside Pulumi.yaml has that id; choose another one"
        return
    file = StudentFile(project.student_file(row.student), project.name)
    file.document["config"] = {}
    for key, value in row.values.items():
        put(file, key, value)
    made.added[row.student] = file
    yield from map(str, file.problems())


def put(file: StudentFile, key: str, value: Value | None) -> None:
    if value is None:
        file.remove(key)
    else:
        file.set(key, value)


def merge(
    file: StudentFile, row: Row, before: Values | None, roster_wins: bool
) -> tuple[list[KeyChange], list[str]]:
    """What of the list goes into the file, and the conflicts."""
    changes, conflicts, present = [], [], file.own()
    known = before or {}
    for key in sorted({*known, *row.values}):
        has, wants = present.get(key), row.values.get(key)
        if same(has, wants) or (key in known and same(wants, known[key]) and not roster_wins):
            continue
        hand_edited = key in known and not same(has, known[key])
        if hand_edited and not roster_wins:
            conflicts.append(
                f"line {row.line}: {file.path.name} has {key} = {shown(has)} by hand, the list changed it "
                f"from {shown(known[key])} to {shown(wants)}; make them agree, or --roster-wins"
            )
        else:
            changes.append(KeyChange(key, has, wants))
    return changes, conflicts


def same(first: Value | None, second: Value | None) -> bool:
    """YAML's 50 is the list's "50"."""
    return (first is None) == (second is None) and as_text(first) == as_text(second)


def hand_edits(file: StudentFile, values: Values) -> list[str]:
    """Keys where the file goes on disagreeing with the list."""
    present = file.own()
    return [key for key, value in values.items() if not same(present.get(key), value)]


def write(project: Project, made: Plan) -> None:
    """Writes every file of the plan, each in one step, then the record."""
    for file in [*made.added.values(), *(file for file, _ in made.changed.values())]:
        file.write()
    roster_record.save(project.students_folder, made.record)
