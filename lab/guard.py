"""What keeps a student's stack from being run: a wrong file, or an estimate over the class's limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.settings import InvalidSettings
from lab.class_file import NAME, ClassFile
from lab.project import Project, Student
from lab.student_files import StudentFile, Unreadable


@dataclass(frozen=True)
class Guard:
    """Checks one student's file before `pulumi` is started, for the operations that create or change.

    `refused`: student -> why this run is not to be made, whatever the operation.
    """

    project: Project
    limits: ClassFile
    refused: Mapping[str, str] = field(default_factory=dict)

    def objections(self, student: Student) -> list[str]:
        """Empty where the stack may be run."""
        try:
            file = StudentFile.load(student.file, self.project.name)
        except Unreadable as unreadable:
            return [self.brief(str(unreadable.problem))]
        if problems := file.problems():
            return [self.brief(str(problem)) for problem in problems]
        return self.over_limit(file)

    def over_limit(self, file: StudentFile) -> list[str]:
        """Each allowed machine type whose month costs more than the class's limit."""
        limit = self.limits.budget_per_student
        try:
            estimates = file.settings().monthly_estimates()
        except InvalidSettings as invalid:
            return [str(problem) for problem in invalid.problems]
        return [
            f"over budget: {name} costs {usd:.2f} USD a month, {NAME} allows {limit:.2f} a student"
            for name, usd in estimates.items()
            if limit and usd > limit
        ]

    def brief(self, text: str) -> str:
        """Paths as seen from the project."""
        return text.replace(f"{self.project.root}/", "")
