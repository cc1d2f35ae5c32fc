"""A project folder for tests: the real Pulumi.yaml with a class in `students/`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from lab.project import Project
from tests.conftest import PROJECT

NAME = "fastai-paperspace"


def make_project(folder: Path, students: Mapping[str, str] | None = None) -> Project:
    """`students`: name -> text of the file below `config:`, without the namespace."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(PROJECT / "Pulumi.yaml", folder / "Pulumi.yaml")
    for name, config in (students or {}).items():
        write_student(folder, name, config)
    return Project(folder)


def write_student(folder: Path, name: str, config: str = "") -> Path:
    lines = [f"  {NAME}:{line}" for line in config.splitlines()]
    path = folder / "students" / f"Pulumi.{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["config:", *lines, ""]) if lines else "")
    return path
