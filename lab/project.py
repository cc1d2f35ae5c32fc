"""Where a class's files are: the folder with Pulumi.yaml, and one configuration file a student.

A class keeps its files in `students/` (or in Pulumi.yaml's stackConfigDir); a single student needs no such
folder and keeps Pulumi.<stack>.yaml beside Pulumi.yaml. Both may be there at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lab.errors import LabError, Problems

STUDENTS = "students"
STUDENT_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
LONGEST_ID = 42
"""What the Pulumi Kubernetes Operator takes as a stack's name (pulumi-facts.md B.4)."""

ID_RULE = f"use a-z, 0-9 and -, beginning and ending with a letter or digit, at most {LONGEST_ID} characters"


def is_student_id(text: str) -> bool:
    return bool(STUDENT_ID.fullmatch(text)) and len(text) <= LONGEST_ID


@dataclass(frozen=True, order=True)
class Student:
    """One stack: its name and the file that configures it."""

    name: str
    file: Path


@dataclass(frozen=True)
class Project:
    """The folder that holds Pulumi.yaml."""

    root: Path

    @cached_property
    def definition(self) -> dict[str, Any]:
        """Pulumi.yaml. Raises LabError where it cannot be read."""
        try:
            document = YAML(typ="safe").load((self.root / "Pulumi.yaml").read_text(encoding="utf-8"))
        except YAMLError as failure:
            message = f"{self.root / 'Pulumi.yaml'} is no valid YAML: {failure}"
            raise LabError(message) from None
        if not isinstance(document, dict) or not isinstance(document.get("name"), str):
            message = f"{self.root / 'Pulumi.yaml'} has no `name`"
            raise LabError(message)
        return document

    @property
    def name(self) -> str:
        return str(self.definition["name"])

    @property
    def students_folder(self) -> Path:
        return self.root / str(self.definition.get("stackConfigDir") or STUDENTS)

    @property
    def private(self) -> Path:
        """What `lab` keeps for itself; not in git, and safe to delete while nothing runs."""
        return self.root / ".lab"

    def student_file(self, name: str) -> Path:
        return self.students_folder / f"Pulumi.{name}.yaml"

    def class_members(self) -> list[Student]:
        """Everybody with a file in the students' folder, by name."""
        return stacks_in(self.students_folder)

    def single_stacks(self) -> list[Student]:
        """Stacks whose file lies beside Pulumi.yaml."""
        return stacks_in(self.root)

    def all_students(self) -> list[Student]:
        """The class where there is one, else the stacks beside Pulumi.yaml."""
        return self.class_members() or self.single_stacks()

    def without_file(self, resources: Mapping[str, int]) -> list[str]:
        """Of stacks with so many resources: those that hold something and are configured nowhere. A single
        stack that shares the backend has its file beside Pulumi.yaml."""
        named = {student.name for student in [*self.class_members(), *self.single_stacks()]}
        return sorted(name for name, count in resources.items() if count and name not in named)

    def chosen(self, names: Sequence[str], without_file: Iterable[str] = ()) -> list[Student]:
        """The named students, or all. Raises Problems for unknown names, with the closest one.

        `without_file`: names that are known although they have no file (any more).
        """
        if not names:
            return self.all_students()
        known = {name: Student(name, self.student_file(name)) for name in without_file}
        known |= {student.name: student for student in [*self.single_stacks(), *self.class_members()]}
        unknown = [name for name in names if name not in known]
        if unknown:
            lines = [f"{name}{closest(name, list(known))}" for name in unknown]
            heading = f"no configuration file in {self.students_folder} or {self.root} for:"
            raise Problems(heading, lines)
        return [known[name] for name in dict.fromkeys(names)]


def closest(name: str, known: list[str]) -> str:
    """A hint at the most similar name, empty where none is similar: a class is too long to list."""
    found = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def stacks_in(folder: Path) -> list[Student]:
    return sorted(
        Student(path.name.removeprefix("Pulumi.").removesuffix(".yaml"), path)
        for path in folder.glob("Pulumi.*.yaml")
    )


def find_project(start: Path | None = None) -> Project:
    """The project of the current folder or the nearest one above. Raises LabError where there is none."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "Pulumi.yaml").is_file():
            return Project(folder)
    message = f"no Pulumi.yaml in {here} or above it; run `lab` in the project's folder"
    raise LabError(message)
