"""`lab roster`: the class list becomes one file a student."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab import roster as class_list
from lab import roster_plan, roster_record, student_files
from lab.errors import Problems
from lab.project import Project, Student, find_project
from lab.roster_plan import Plan
from lab.stacks import stacks_with_resources
from lab.words import plural

File = Annotated[Path, typer.Argument(help="The class list: CSV with a column `student`.", metavar="FILE")]
MaybeFile = Annotated[Path | None, typer.Argument(help="Also say what applying this list would change.")]
Remove = Annotated[
    bool, typer.Option("--remove", help="Delete the files of students who left and whose stack is destroyed.")
]
RosterWins = Annotated[
    bool, typer.Option("--roster-wins", help="Where a hand edit disagrees, take the list.")
]

roster = typer.Typer(no_args_is_help=True, help="Turn the class list into one configuration file a student.")


@roster.command()
def apply(file: File, remove: Remove = False, roster_wins: RosterWins = False) -> None:
    """Write the students' files from the class list; hand edits and comments stay."""
    project = find_project()
    plan = roster_plan.plan(project, class_list.read(file), roster_wins)
    leaving = refuse_living(project, plan) if remove else []
    roster_plan.write(project, plan)
    for student in leaving:
        student.file.unlink()
        plan.record.pop(student.name)
        plan.left.remove(student)
        print(f"- {student.name}: file deleted")
    if leaving:
        roster_record.save(project.students_folder, plan.record)
    show(plan)
    print(totals(plan))


@roster.command()
def check(file: MaybeFile = None) -> None:
    """Check every student's file against the schema, and the class list if one is given; write nothing."""
    project = find_project()
    students = [*project.class_members(), *project.single_stacks()]
    if problems := student_files.check(students, project.name):
        heading = "the students' files cannot be used:"
        raise Problems(heading, list(map(str, problems)))
    print(f"{plural(len(students), 'file')} in order.")
    if file:
        plan = roster_plan.plan(project, class_list.read(file))
        show(plan)
        print(f"Would be: {totals(plan)}")


def refuse_living(project: Project, plan: Plan) -> list[Student]:
    """Those whose file may go. Raises Problems while the stack of one of them still holds something."""
    living = stacks_with_resources(project) & {student.name for student in plan.left}
    if living:
        names = " ".join(sorted(living))
        heading = "nothing was written; these left the list and still cost money:"
        raise Problems(heading, [*sorted(living), f"first: lab destroy {names} --yes"])
    return list(plan.left)


def show(plan: Plan) -> None:
    for name in plan.added:
        print(f"+ {name}")
    for name, (_, changes) in plan.changed.items():
        print(f"~ {name}: {', '.join(map(str, changes))}")
    for name, keys in plan.kept_by_hand.items():
        if keys:
            print(f"  {name}: kept by hand: {', '.join(keys)}")
    for student in plan.left:
        print(f"! {student.name} is not on the list any more; the file and the stack are still there")


def totals(plan: Plan) -> str:
    return (
        f"{len(plan.added)} added, {len(plan.changed)} changed, {len(plan.unchanged)} unchanged, "
        f"{len(plan.left)} not on the list any more."
    )
