"""A class's archives: made of machines that run, put back, listed. components/archiving.py does the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components import archive_files
from components.archive_files import ArchiveError, ArchiveFile
from components.archive_words import content
from components.settings import Settings
from lab import estimate, machine_shell
from lab.errors import LabError
from lab.outputs import Outputs
from lab.project import Project, Student
from lab.words import plural


class NotArchived(LabError):
    """No archive, or none that could be put back; the text says why."""


@dataclass(frozen=True)
class Listed:
    """One archive of a student; `damage` is empty where nothing is known against it."""

    student: str
    file: ArchiveFile
    damage: str = ""

    def as_json(self) -> dict[str, Any]:
        record = self.file.record
        return {
            "student": self.student,
            "path": str(self.file.path),
            "machine_id": self.file.machine_id,
            "date": record.date if record else "",
            "files": record.count if record else None,
            "bytes": record.bytes if record else None,
            "sha256": record.sha256 if record else "",
            "damage": self.damage,
        }


def settings_of(project: Project, student: str) -> Settings:
    """Of the student's file; the defaults where it is wrong or gone: an archive must not fail for that."""
    [found] = project.chosen([student], without_file=[student])
    return estimate.settings_of(project, found) or Settings()


def make(project: Project, student: str, exported: Outputs, tell: Callable[[str], None]) -> ArchiveFile:
    """The home folder of a machine that runs, complete and verified. Raises NotArchived."""
    from components.archiving import archive_home  # asyncssh takes a fifth of a second to load
    from components.home_packing import Packing

    wanted = settings_of(project, student)
    packing = Packing(
        student,
        exported.machine_id,
        wanted.archive_directory,
        wanted.archive_exclude,
        wanted.archive_limit_gb,
    )
    try:
        return archive_home(machine_shell.login_of(exported), packing, tell)
    except ArchiveError as failure:
        raise NotArchived(str(failure)) from failure


def find(project: Project, student: str, wanted: str) -> ArchiveFile:
    """The archive that `wanted` names: a path, or "latest". Raises NotArchived."""
    try:
        return archive_files.find_archive(wanted, settings_of(project, student).archive_directory, student)
    except ArchiveError as failure:
        raise NotArchived(str(failure)) from failure


def restore(archive: ArchiveFile, exported: Outputs, tell: Callable[[str], None]) -> list[str]:
    """What was done, a line each. What differs there is moved aside, never lost. Raises NotArchived."""
    from components.archiving import restore_home

    try:
        done = restore_home(machine_shell.login_of(exported), archive, tell, again=True)
    except ArchiveError as failure:
        raise NotArchived(str(failure)) from failure
    lines = [f"{content(done.record)} from {archive.path}"]
    if done.aside:
        moved = plural(len(done.moved_aside), "path")
        lines.append(f"{moved} that stood in the way and differed: now in ~/{done.aside}")
    return lines


def of_students(project: Project, students: Sequence[Student], verify: bool) -> list[Listed]:
    """Oldest first of each student; verify: each read through."""
    places = [(settings_of(project, student.name).archive_directory, student.name) for student in students]
    return [
        Listed(name, each, damage_of(each) if verify else "")
        for directory, name in places
        for each in archive_files.list_archives(directory, name)
    ]


def of_everybody(project: Project, verify: bool) -> list[Listed]:
    """The class's, then what lies beside them: of who left, whose file is gone, and of other classes."""
    students = project.all_students()
    directories = {settings_of(project, student.name).archive_directory for student in students}
    known = {student.name for student in students}
    beside = [
        Listed(folder.name, each, damage_of(each) if verify else "")
        for directory in sorted(directories | {Settings().archive_directory})
        for folder in sorted(Path(directory).expanduser().glob("*/"))
        if folder.name not in known
        for each in archive_files.list_archives(directory, folder.name)
    ]
    return [*of_students(project, students, verify), *beside]


def damage_of(archive: ArchiveFile) -> str:
    try:
        archive_files.check(archive)
    except ArchiveError as failure:
        return str(failure)
    return ""
