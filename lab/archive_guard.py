"""Machines without an archive guard: `pulumi destroy` would delete their disks as they are.

The Archive leaves the state as soon as it has archived. Where the machine's own deletion does not follow, the
machine may be used on, and nothing would save what comes after (components/archive.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from components import archive_files, archive_skip
from lab import archives, estimate
from lab.machine_states import GONE, states_of
from lab.project import Project, Student
from lab.pulumi_command import Recorded


def refusals(project: Project, students: list[Student], recorded: Mapping[str, Recorded]) -> dict[str, str]:
    """Student -> why the machine is not deleted, and the ways; not of those who let the disk go.

    A machine that is gone already has nothing to lose.
    """
    found = {
        student: recorded[student.name].unguarded - archive_skip.skipped()
        for student in students
        if not lets_the_disk_go(project, student)
    }
    states = states_of({each for ids in found.values() for each in ids})
    standing = {
        student: sorted(each for each in ids if states[each] != GONE) for student, ids in found.items()
    }
    return {student.name: refusal(project, student, ids) for student, ids in standing.items() if ids}


def lets_the_disk_go(project: Project, student: Student) -> bool:
    settings = estimate.settings_of(project, student)
    return bool(settings and settings.archive == "off")


def refusal(project: Project, student: Student, machine_ids: list[str]) -> str:
    ids, name = ",".join(machine_ids), student.name
    known = last_archive(project, name, machine_ids) or "no archive of it is on this computer"
    up = "lab up" if student.file.exists() else f"put {student.file.name} back; lab up"
    return (
        f"machine {ids} would be deleted without an archive: {known}. To archive it: {up} {name}, "
        f"then lab destroy {name} --yes. To lose it: {archive_skip.VARIABLE}={ids} lab destroy {name} --yes"
    )


def last_archive(project: Project, student: str, machine_ids: list[str] | frozenset[str]) -> str:
    """`archived at … in …; what came after is lost`, of the newest; empty where there is none."""
    directory = archives.settings_of(project, student).archive_directory
    listed = archive_files.list_archives(directory, student)
    own = [each for each in listed if each.machine_id in machine_ids and each.record]
    if not own or not own[-1].record:
        return ""
    return f"archived at {own[-1].record.date} in {own[-1].path}; what came after is lost"
