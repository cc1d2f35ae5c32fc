"""Whom a pull request concerns: students whose file it changes; everybody where it changes what all share.

Past `limit` a shared change is previewed for a sample with every different configuration in it, and the
comment says so: a preview for each of 500 students with the same file tells nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from lab.git import ChangedFile
from lab.project import Project, Student
from lab.student_files import StudentFile, Unreadable

SHARED = ("Pulumi.yaml", "__main__.py", "class.yaml", "requirements.lock", "pyproject.toml")
SHARED_FOLDERS = ("components", "provider")
PERSONAL = ("ssh_public_key", "local_port")
"""Keys that differ between students without making another machine."""


@dataclass(frozen=True)
class Affected:
    """`left_out`: concerned by a shared change, and alike to somebody in `students`."""

    students: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


def find(project: Project, changed: Sequence[ChangedFile], limit: int) -> Affected:
    """Whom these files concern, by name."""
    folder = project.students_folder.relative_to(project.root)
    own = {student_of(file.path, folder.as_posix()): file for file in changed}
    deleted = tuple(sorted(name for name, file in own.items() if name and file.status == "D"))
    named = {name for name, file in own.items() if name and file.status != "D"}
    shared = tuple(file.path for file in changed if is_shared(file.path))
    if not shared:
        return Affected(tuple(sorted(named)), deleted)
    everybody = project.all_students()
    chosen = named | sample(project, [s for s in everybody if s.name not in named], limit - len(named))
    left_out = tuple(s.name for s in everybody if s.name not in chosen)
    return Affected(tuple(sorted(chosen)), deleted, left_out, shared)


def student_of(path: str, folder: str) -> str:
    """Whose file it is; empty where it is nobody's."""
    pure = PurePosixPath(path)
    is_stack = pure.name.startswith("Pulumi.") and pure.suffix == ".yaml" and pure.name != "Pulumi.yaml"
    if not is_stack or pure.parent.as_posix() not in (folder, "."):
        return ""
    return pure.name.removeprefix("Pulumi.").removesuffix(".yaml")


def is_shared(path: str) -> bool:
    return path in SHARED or PurePosixPath(path).parts[0] in SHARED_FOLDERS


def sample(project: Project, students: Sequence[Student], limit: int) -> set[str]:
    """Everybody within `limit`; else one of each kind first, then others up to `limit`."""
    if len(students) <= limit:
        return {student.name for student in students}
    kinds: dict[str, str] = {}
    for student in students:
        kinds.setdefault(kind_of(project, student), student.name)
    rest = [student.name for student in students if student.name not in kinds.values()]
    return set([*kinds.values(), *rest][: max(limit, 0)])


def kind_of(project: Project, student: Student) -> str:
    """Equal for students whose machines are alike; a file that cannot be read is a kind of its own."""
    try:
        values = StudentFile.load(student.file, project.name).text_values()
    except Unreadable:
        return student.name
    return json.dumps({key: value for key, value in values.items() if key not in PERSONAL}, sort_keys=True)


def shard(students: Sequence[str], index: int, count: int) -> list[str]:
    """Every `count`-th student, counted from `index` (1 to `count`)."""
    return list(students[index - 1 :: count])
