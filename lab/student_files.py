"""One student's Pulumi.<student>.yaml: read, checked against the one schema, changed with comments kept."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from components import settings
from components.settings import InvalidSettings, Problem, Settings
from lab.atomic import write_text
from lab.project import ID_RULE, STUDENTS, Student, is_student_id
from provider.suggestions import did_you_mean

TOP_LEVEL = ("config", "encryptionsalt", "secretsprovider", "encryptedkey")


@dataclass(frozen=True)
class FileProblem:
    """One thing to mend in one file. `line` counts from 1; 0 where no line is to blame."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class Unreadable(Exception):
    """A file that holds no configuration at all; `problem` says why."""

    def __init__(self, problem: FileProblem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def editor() -> YAML:
    """Keeps comments, order, quotes and line lengths as they are."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


class StudentFile:
    """The file's document, in memory until `text()` is written."""

    def __init__(self, path: Path, project: str, document: CommentedMap | None = None) -> None:
        self.path = path
        self.project = project
        self.document = CommentedMap() if document is None else document

    @classmethod
    def load(cls, path: Path, project: str) -> StudentFile:
        """Raises Unreadable for what is no YAML mapping."""
        try:
            return cls.parse(path, project, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            raise Unreadable(FileProblem(path, 0, "not UTF-8; save it as UTF-8")) from None

    @classmethod
    def parse(cls, path: Path, project: str, text: str) -> StudentFile:
        """`text` as the file's. Raises Unreadable for what is no YAML mapping."""
        try:
            document = editor().load(text)
        except YAMLError as failure:
            problem = FileProblem(path, line_of(failure), f"no valid YAML: {reason_of(failure)}")
            raise Unreadable(problem) from None
        if document is None:
            document = CommentedMap()
        if not isinstance(document, CommentedMap) or not isinstance(document.get("config") or {}, dict):
            fix = f"no configuration; it begins `config:` and goes on `  {project}:key: value`"
            raise Unreadable(FileProblem(path, 1, fix))
        return cls(path, project, document)

    @property
    def config(self) -> Mapping[str, Any]:
        return self.document.get("config") or {}

    def own(self) -> dict[str, Any]:
        """The project's keys without namespace, as YAML has them."""
        prefix = f"{self.project}:"
        return {k.removeprefix(prefix): v for k, v in self.config.items() if str(k).startswith(prefix)}

    def text_values(self) -> dict[str, str]:
        """What the program is handed: text, with lists as JSON. Encrypted values are left out."""
        return {key: as_text(value) for key, value in self.own().items() if not is_encrypted(value)}

    def set(self, key: str, value: Any) -> None:
        """Sets one key; its comment stays."""
        if not isinstance(self.document.get("config"), CommentedMap):
            self.document["config"] = CommentedMap()
        self.document["config"][f"{self.project}:{key}"] = value

    def remove(self, key: str) -> None:
        """Back to the default of Pulumi.yaml."""
        self.config.pop(f"{self.project}:{key}", None)  # type: ignore[attr-defined]

    def text(self) -> str:
        buffer = io.StringIO()
        editor().dump(self.document, buffer)
        return buffer.getvalue() if self.document else ""

    def write(self) -> None:
        write_text(self.path, self.text())

    def line(self, key: str) -> int:
        """The line of a config key; 0 where it is not in the file."""
        try:
            return int(self.document["config"].lc.key(key)[0]) + 1
        except (AttributeError, KeyError, TypeError):
            return 0

    def problems(self) -> list[FileProblem]:
        """Everything that is wrong with it."""
        checks = (self._top_level_problems, self._key_problems, self._secret_problems, self._value_problems)
        return [problem for check in checks for problem in check()]

    def settings(self) -> Settings:
        """The checked settings. Raises InvalidSettings."""
        return settings.parse(self.text_values())

    def _top_level_problems(self) -> Iterator[FileProblem]:
        for key in self.document:
            if key not in TOP_LEVEL:
                line = int(self.document.lc.key(key)[0]) + 1
                fix = f"there is no such key; {did_you_mean(str(key), list(TOP_LEVEL))}"
                yield FileProblem(self.path, line, str(Problem(str(key), "", fix)))

    def _key_problems(self) -> Iterator[FileProblem]:
        for key in self.config:
            namespace, colon, _ = str(key).partition(":")
            if not colon or (namespace != self.project and namespace not in ("pulumi", "aws", "command")):
                fix = f"keys begin with the project's name: {self.project}:{str(key).rpartition(':')[2]}"
                yield FileProblem(self.path, self.line(str(key)), str(Problem(str(key), "", fix)))

    def _secret_problems(self) -> Iterator[FileProblem]:
        """Secrets in clear: the file is in git."""
        own = self.own()
        for key in settings.SECRETS:
            if own.get(key) and not is_encrypted(own[key]):
                student = self.path.name.removeprefix("Pulumi.").removesuffix(".yaml")
                text = f"{key} is a secret in clear; change it, and {encrypt(key, student)}"
                yield FileProblem(self.path, self.line(f"{self.project}:{key}"), text)

    def _value_problems(self) -> Iterator[FileProblem]:
        try:
            self.settings()
        except InvalidSettings as invalid:
            for problem in invalid.problems:
                yield FileProblem(self.path, self.line(f"{self.project}:{problem.key}"), str(problem))


def encrypt(key: str, student: str) -> str:
    """The command that puts a secret into a student's file."""
    file = f"{STUDENTS}/Pulumi.{student}.yaml"
    return f"set it encrypted: pulumi config set --secret {key} --stack {student} --config-file {file}"


def is_encrypted(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def as_text(value: Any) -> str:
    """A YAML value as Pulumi hands it to a program."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def line_of(failure: YAMLError) -> int:
    mark = failure.problem_mark if isinstance(failure, MarkedYAMLError) else None
    return mark.line + 1 if mark else 0


def reason_of(failure: YAMLError) -> str:
    if isinstance(failure, MarkedYAMLError) and failure.problem:
        return str(failure.problem).splitlines()[0]
    return str(failure).splitlines()[0]


def check(students: list[Student], project: str) -> list[FileProblem]:
    """Everything that is wrong in all these files."""
    found = []
    for student in students:
        if not is_student_id(student.name):
            found.append(FileProblem(student.file, 0, f"{student.name!r} is no student id; {ID_RULE}"))
        try:
            found += StudentFile.load(student.file, project).problems()
        except Unreadable as unreadable:
            found.append(unreadable.problem)
    return found
