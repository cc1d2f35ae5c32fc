"""The instructor's page: its ten commands are run, in order, on a class in the sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from click import Context
from typer.main import get_command

from lab.class_file import ClassFile
from lab.cli import commands
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.conftest import PROJECT
from tests.lab.lab_command import LabCommand
from tests.lab.project_files import make_project

PAGE = (PROJECT / "docs" / "instructor.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"^ *```{language}\n(.*?)^ *```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found, f"no block of {language}"
    lines = found[1].splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[indent:] for line in lines) + "\n"


def test_its_ten_commands_take_a_class_from_the_list_to_destroyed(pulumi: Path, tmp_path: Path) -> None:
    ten = [line.split()[1:] for line in block("console").splitlines()]
    assert len(ten) == 10
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as sandbox:
        environment = {"PAPERSPACE_API_URL": sandbox.url, "PAPERSPACE_API_KEY": sandbox.api_key}
        lab = LabCommand.create(make_project(tmp_path / "class"), pulumi, environment)
        (lab.project.root / "class.csv").write_text(block("csv"))
        (lab.project.root / "class.yaml").write_text(block("yaml"))
        for words in ten:
            lab.run(*words)
            if words == ["status"]:
                assert {m["state"] for m in sandbox.state()["machines"]} == {"ready"}
        state = sandbox.state()
    assert (state["machines"], state["public_ips"], state["startup_scripts"]) == ([], [], [])
    assert (lab.project.root / "report.html").read_text().count('class="name"') == 2


def test_its_class_file_has_every_key() -> None:
    assert set(yaml.safe_load(block("yaml"))) == set(ClassFile.model_fields)


def test_every_command_it_names_exists() -> None:
    known = {command.callback.__name__ for command in commands.registered_commands if command.callback}
    known |= {group.name for group in commands.registered_groups}
    named = set(re.findall(r"(?:`|\.venv/bin/|^|\$\()lab ([a-z]+)", PAGE, flags=re.MULTILINE))
    assert {"sweep", "students"} <= named
    assert named <= known


def test_every_command_about_a_class_can_answer_as_json() -> None:
    group = get_command(commands)
    for name in group.list_commands(Context(group)):
        params = {param.name for param in group.get_command(Context(group), name).params}
        assert "students" not in params or params & {"json", "backend"}, f"lab {name}"
