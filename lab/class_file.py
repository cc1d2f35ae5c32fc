"""`class.yaml` beside Pulumi.yaml: what the instructor sets for all, outside the students' own files."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.settings import Problem
from lab.errors import LabError, Problems
from lab.project import Project
from lab.timetable import Lesson
from provider.suggestions import did_you_mean

NAME = "class.yaml"


def known_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        message = "no such time zone; give one as in Europe/Berlin"
        raise ValueError(message) from None
    return text


class ClassFile(BaseModel):
    """Limits in USD a month, 0 for none; lessons in `time_zone`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget_per_student: Annotated[float, Field(ge=0)] = 0
    budget_of_class: Annotated[float, Field(ge=0)] = 0
    time_zone: Annotated[str, AfterValidator(known_zone)] = "UTC"
    lessons: tuple[Lesson, ...] = ()


def load(project: Project) -> ClassFile:
    """The defaults where there is no such file. Raises Problems naming each key."""
    path = project.root / NAME
    if not path.exists():
        return ClassFile()
    try:
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except YAMLError as failure:
        message = f"{path} is no valid YAML: {failure}"
        raise LabError(message) from None
    try:
        return ClassFile.model_validate(document or {})
    except ValidationError as invalid:
        lines = [told(error) for error in invalid.errors()]
    heading = f"{path} cannot be used:"
    raise Problems(heading, lines)


def told(error: ErrorDetails) -> str:
    """One of pydantic's errors: key = value: fix."""
    key = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        fix = f"there is no such key; {did_you_mean(key, list(ClassFile.model_fields))}"
        return str(Problem(key, "", fix))
    cause = error.get("ctx", {}).get("error")
    return str(Problem(key, repr(error["input"]), str(cause or error["msg"])))
