"""The workflow files: scripts are shell and call commands that exist; nobody's code meets a secret."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml
from click import Command, Context
from typer.main import get_command

from lab.cli import commands
from tests.conftest import PROJECT

FOLDER = PROJECT / ".github" / "workflows"
FILES = sorted(path.name for path in FOLDER.glob("*.yml"))
ON = True
"""YAML 1.1 reads the key `on` as true."""


def workflow(name: str) -> dict[Any, Any]:
    return yaml.safe_load((FOLDER / name).read_text())


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def scripts(name: str) -> list[str]:
    return [step["run"] for step in steps(name) if "run" in step]


def lab_command(name: str) -> Command:
    found = get_command(commands).get_command(Context(get_command(commands)), name)
    assert found, f"there is no `lab {name}`"
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_script_is_a_shell_script_and_no_text_of_others_is_pasted_into_it(name: str) -> None:
    for script in scripts(name):
        subprocess.run(["bash", "-n", "-c", script], check=True)
        assert "${{" not in script


@pytest.mark.parametrize("name", ["comment.yml", "hours.yml", "preview.yml"])
def test_every_command_of_lab_that_a_script_runs_exists_with_its_options(name: str) -> None:
    called = []
    for script in scripts(name):
        for command, rest in re.findall(r"\.venv/bin/lab ([a-z]+)(.*)", script):
            known = {option for param in lab_command(command).params for option in param.opts}
            assert set(re.findall(r"(?<= )--[a-z-]+", rest)) <= known, f"lab {command}{rest}"
            called.append(command)
        for option in re.findall(r"(?<=[ (])--[a-z-]+", " ".join(re.findall(r"options\+?=\((.*)\)", script))):
            assert option in {o for c in called[-1:] for p in lab_command(c).params for o in p.opts}
    assert called


def test_every_way_to_switch_the_class_by_hand_is_a_command() -> None:
    inputs = workflow("hours.yml")[ON]["workflow_dispatch"]["inputs"]
    for choice in inputs["do"]["options"]:
        lab_command(choice)


@pytest.mark.parametrize("name", FILES)
def test_no_checkout_keeps_its_token_and_no_token_may_more_than_it_must(name: str) -> None:
    allowed = {"comment.yml": {"actions": "read", "contents": "read", "pull-requests": "write"}}
    assert workflow(name)["permissions"] == allowed.get(name, {"contents": "read"})
    if name != "check.yml":
        for step in steps(name):
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_a_fork_s_code_never_runs_with_secrets_or_a_writing_token() -> None:
    assert set(workflow("preview.yml")[ON]) == {"pull_request"}
    comment = workflow("preview.yml")["jobs"]["comment"]
    assert "secrets." not in str(comment)


def test_what_may_write_neither_checks_out_nor_runs_the_pull_request_s_code() -> None:
    assert set(workflow("comment.yml")[ON]) == {"workflow_run"}
    [checkout] = [step for step in steps("comment.yml") if "checkout" in step.get("uses", "")]
    assert set(checkout["with"]) == {"persist-credentials"}
    [download] = [step for step in steps("comment.yml") if "download-artifact" in step.get("uses", "")]
    assert download["with"]["path"].startswith("${{ runner.temp }}/")
    assert "secrets." not in (FOLDER / "comment.yml").read_text()
