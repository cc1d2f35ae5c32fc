"""What `lab destroy` is about to take away, and what is left afterwards: archives, machines that stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from components import archive_files, archive_skip, archive_words
from lab import estimate
from lab.archives import Listed
from lab.class_operation import Class
from lab.project import Student
from lab.pulumi_command import Recorded
from lab.run_result import Result
from lab.words import plural


def doomed(group: Class) -> list[Student]:
    return [student for student in group.existing if group.resources[student.name]]


def what_goes(group: Class, recorded: Mapping[str, Recorded]) -> str:
    """How many machines, whose, whose work is lost, and what they cost until then."""
    students = doomed(group)
    if not students:
        return "No stack of these holds anything."
    names = [student.name for student in students]
    monthly = sum(estimate.monthly_off(group.project, student) for student in students)
    what = "1 stack with its machine and everything on its disk"
    if len(students) > 1:
        what = f"{len(students)} stacks with their machines and everything on their disks"
    lines = [f"{what}: {', '.join(names)}", *about_archives(names, recorded)]
    lines.append(f"That is ${monthly:.2f} a month for disks and addresses alone, also while off.")
    return "\n".join(lines)


def about_archives(names: Sequence[str], recorded: Mapping[str, Recorded]) -> Iterator[str]:
    with_machine = [name for name in names if recorded[name].machine_ids]
    lost = [name for name in with_machine if loses_work(recorded[name])]
    saved = [name for name in with_machine if name not in lost]
    if saved:
        folders = sorted({recorded[name].archive_directory for name in saved})
        where = f"on this computer, in {', '.join(folders)}"
        yield f"First the home folders of {', '.join(saved)} are archived {where}."
    if lost:
        yield (
            f"WITHOUT AN ARCHIVE, what is on the disk is lost: {', '.join(lost)} "
            f"(archive was off at the last `lab up`, or {archive_skip.VARIABLE} names the machine). "
            f"To keep it: lab archive {' '.join(lost)}"
        )


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
    results: Sequence[Result], made: Sequence[Listed], left: Mapping[str, Recorded]
) -> Iterator[str]:
    """A line for each archive, then for each machine that stayed. `left`: the stacks of who failed."""
    for each in made:
        if each.file.record:
            yield f"{each.student}: {archive_words.content(each.file.record)}  {each.file.path}"
    if made:
        yield f"{plural(len(made), 'archive')} on this computer; lab archives lists them."
    for result in results:
        if result.student in left and (ids := left[result.student].machine_ids):
            yield (
                f"{result.student}: machine {', '.join(sorted(ids))} STAYS, with its disk, and is billed: "
                f"{result.error}"
            )
