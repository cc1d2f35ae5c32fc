"""A project folder of `lab`'s own, in which `pulumi` runs: no student's file is ever rewritten by it.

Pulumi rewrites Pulumi.<stack>.yaml (adds `encryptionsalt`, turns 4 into "4"; pulumi-facts.md B.1), and
remembers a selected stack per folder. So it gets a copy of each file, and a Pulumi.yaml that leads to the
real program.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lab.atomic import write_text
from lab.project import Project, Student
from lab.student_files import StudentFile, is_encrypted

THROW_AWAY_PASSPHRASE = "throw-away"


@dataclass(frozen=True)
class Workspace:
    """The folder and the variables that `pulumi` runs with."""

    project: Project
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    keeps_secrets: bool = True

    def prepare(self) -> None:
        """Writes Pulumi.yaml, with the program and the virtual environment where they really are."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = definition_text(self.project)
        path = self.folder / "Pulumi.yaml"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)

    def copy(self, student: Student) -> Path:
        """A fresh copy of the student's file; a salt that Pulumi added to the last copy stays.

        A student whose file was deleted keeps the last copy, so that the stack can still be destroyed.
        """
        target = self.folder / f"Pulumi.{student.name}.yaml"
        if not student.file.exists():
            return target
        file = StudentFile.load(student.file, self.project.name)
        if not self.keeps_secrets:
            drop_secrets(file)
        elif "encryptionsalt" not in file.document and (salt := salt_in(target)):
            file.document["encryptionsalt"] = salt
        write_text(target, file.text())
        return target


def of_project(project: Project) -> Workspace:
    """The lasting one, in `.lab/project`."""
    workspace = Workspace(project, project.private / "project")
    workspace.prepare()
    project.private.chmod(0o700)
    return workspace


@contextmanager
def throw_away(project: Project) -> Iterator[Workspace]:
    """One whose backend is empty and gone afterwards: a preview in it needs no secret and writes nothing."""
    with tempfile.TemporaryDirectory(prefix="lab-preview-") as name:
        folder = Path(name)
        (folder / "backend").mkdir()
        variables = {
            "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": THROW_AWAY_PASSPHRASE,
        }
        workspace = Workspace(project, folder / "project", variables, keeps_secrets=False)
        workspace.prepare()
        yield workspace


def definition_text(project: Project) -> str:
    """Pulumi.yaml for a folder that is not the program's own."""
    definition: dict[str, Any] = dict(project.definition)
    main = project.root / str(definition.get("main") or "")
    definition["main"] = str(main.resolve())
    definition.pop("stackConfigDir", None)
    runtime = definition.get("runtime")
    if isinstance(runtime, dict) and (virtualenv := (runtime.get("options") or {}).get("virtualenv")):
        path = project.root / str(virtualenv)
        definition["runtime"] = {**runtime, "options": {**runtime["options"], "virtualenv": str(path)}}
    buffer = io.StringIO()
    YAML(typ="safe").dump(definition, buffer)
    return buffer.getvalue()


def salt_in(copy: Path) -> str:
    if not copy.exists():
        return ""
    document = YAML(typ="safe").load(copy.read_text(encoding="utf-8"))
    return str((document or {}).get("encryptionsalt") or "")


def drop_secrets(file: StudentFile) -> None:
    for key in ("encryptionsalt", "secretsprovider", "encryptedkey"):
        file.document.pop(key, None)
    for key in [key for key, value in file.config.items() if is_encrypted(value)]:
        file.document["config"].pop(key)
