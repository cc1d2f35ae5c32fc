"""What `lab destroy` is about to take away, and what is left afterwards: archives, machines that stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from components import archive_files, archive_skip, archive_words
from lab import archive_guard, estimate
from lab.archives import Listed
from lab.class_operation import Class
from lab.machine_states import GONE, in_words
from lab.project import Student
from lab.pulumi_command import Recorded
from lab.words import plural


def doomed(group: Class) -> list[Student]:
    return [student for student in group.existing if group.resources[student.name]]


def what_goes(group: Class, recorded: Mapping[str, Recorded], refused: Mapping[str, str]) -> str:
    """How many machines, whose, whose work is lost, what they cost until then, and who is refused."""
    students = [student for student in doomed(group) if student.name not in refused]
    lines = [f"NOT deleted: {name}: {reason}" for name, reason in refused.items()]
    if not students:
        return "\n".join(lines or ["No stack of these holds anything."])
    names = [student.name for student in students]
    monthly = sum(estimate.monthly_off(group.project, student) for student in students)
    what = "1 stack with its machine and everything on its disk"
    if len(students) > 1:
        what = f"{len(students)} stacks with their machines and everything on their disks"
    told = [f"{what}: {', '.join(names)}", *about_archives(group, names, recorded)]
    told.append(f"That is ${monthly:.2f} a month for disks and addresses alone, also while off.")
    return "\n".join([*told, *lines])


def about_archives(group: Class, names: Sequence[str], recorded: Mapping[str, Recorded]) -> Iterator[str]:
    with_machine = [name for name in names if recorded[name].machine_ids]
    lost = [name for name in with_machine if loses_work(recorded[name])]
    saved = [name for name in with_machine if name not in lost]
    if saved:
        folders = sorted({recorded[name].archive_directory for name in saved})
        where = f"on this computer, in {', '.join(folders)}"
        yield f"First the home folders of {', '.join(saved)} are archived {where}."
    if lost:
        yield f"WITHOUT AN ARCHIVE, what is on the disk is lost: {', '.join(lost)}"
        yield from (f"  {name}: {why_lost(group, name, recorded[name])}" for name in lost)
        yield f"To keep it: lab archive {' '.join(lost)}"


def why_lost(group: Class, name: str, of_stack: Recorded) -> str:
    """An archive that there is, or why none will be made."""
    if known := archive_guard.last_archive(group.project, name, of_stack.machine_ids):
        return known
    if of_stack.machine_ids & archive_skip.skipped():
        return f"{archive_skip.VARIABLE} names the machine"
    return "its file says archive: off" if of_stack.unguarded else "archive was off at the last `lab up`"


def loses_work(of_stack: Recorded) -> bool:
    return not of_stack.archive_directory or bool(of_stack.machine_ids & archive_skip.skipped())


def made_since(recorded: Mapping[str, Recorded], began: datetime) -> list[Listed]:
    """The newest archive of each machine that was made after `began`."""
    found = []
    for student, before in recorded.items():
        if not before.archive_directory:
            continue
        listed = archive_files.list_archives(before.archive_directory, student)
        own = [each for each in listed if each.machine_id in before.machine_ids and each.record]
        fresh = [e for e in own if e.record and datetime.fromisoformat(e.record.date) >= began]
        found += [Listed(student, each) for each in fresh[-1:]]
    return found


def aftermath(
    made: Sequence[Listed], left: Mapping[str, Recorded], states: Mapping[str, str]
) -> Iterator[str]:
    """A line for each archive, then for each machine that stayed. `left`: the stacks of who failed."""
    for each in made:
        if each.file.record:
            yield f"{each.student}: {archive_words.content(each.file.record)}  {each.file.path}"
    if made:
        yield f"{plural(len(made), 'archive')} on this computer; lab archives lists them."
    for student, stack in left.items():
        for machine_id in sorted(stack.machine_ids):
            yield f"{student}: machine {machine_id} {what_stays(states[machine_id])}"


def what_stays(state: str) -> str:
    """An archive of a machine that was off switches it on: who ends it there must be told."""
    if state == GONE:
        return "is gone, and its stack still names it"
    return f"STAYS with its disk, {in_words(state)}"
