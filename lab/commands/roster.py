"""`lab roster`: the class list becomes one file a student."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated, Any

import typer

from lab import roster as class_list
from lab import roster_plan, roster_record, student_files
from lab.errors import Problems
from lab.options import Json
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
def apply(file: File, remove: Remove = False, roster_wins: RosterWins = False, json: Json = False) -> None:
    """Write the students' files from the class list; hand edits and comments stay."""
    project = find_project()
    plan = roster_plan.plan(project, class_list.read(file), roster_wins)
    leaving = refuse_living(project, plan) if remove else []
    roster_plan.write(project, plan)
    for student in leaving:
        student.file.unlink()
        plan.record.pop(student.name)
        plan.left.remove(student)
    if leaving:
        roster_record.save(project.students_folder, plan.record)
    deleted = [student.name for student in leaving]
    if json:
        print(json_format.dumps({**as_json(plan), "deleted": deleted}, indent=1))
        return
    for name in deleted:
        print(f"- {name}: file deleted")
    show(plan)
    print(totals(plan))


@roster.command()
def check(file: MaybeFile = None, json: Json = False) -> None:
    """Check every student's file against the schema, and the class list if one is given; write nothing."""
    project = find_project()
    students = [*project.class_members(), *project.single_stacks()]
    if problems := student_files.check(students, project.name):
        heading = "the students' files cannot be used:"
        raise Problems(heading, list(map(str, problems)))
    plan = roster_plan.plan(project, class_list.read(file)) if file else None
    if json:
        told = {"in_order": [student.name for student in students]}
        print(json_format.dumps({**told, **(as_json(plan) if plan else {})}, indent=1))
        return
    print(f"{plural(len(students), 'file')} in order.")
    if plan:
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


def as_json(plan: Plan) -> dict[str, Any]:
    return {
        "added": list(plan.added),
        "changed": {name: list(map(str, changes)) for name, (_, changes) in plan.changed.items()},
        "kept_by_hand": {name: keys for name, keys in plan.kept_by_hand.items() if keys},
        "unchanged": plan.unchanged,
        "left": [student.name for student in plan.left],
    }


def totals(plan: Plan) -> str:
    return (
        f"{len(plan.added)} added, {len(plan.changed)} changed, {len(plan.unchanged)} unchanged, "
        f"{len(plan.left)} not on the list any more."
    )
