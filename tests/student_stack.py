"""One student's real program with the real project file, and a way onto the student's machine."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components import ssh
from components.ssh import Login
from sandbox.server import Sandbox
from tests.conftest import PROJECT
from tests.pulumi_stack import VIRTUAL_ENVIRONMENT, PulumiStack


def student(pulumi: Path, tmp_path: Path, world: Sandbox, **config: str) -> PulumiStack:
    """A stack of the real program with the real project file."""
    environment = {"PAPERSPACE_API_URL": world.url, "PAPERSPACE_API_KEY": world.api_key}
    program = (PROJECT / "__main__.py").read_text()
    stack = PulumiStack.create(pulumi, tmp_path / "fastai-paperspace", program, environment, "anna")
    project = (PROJECT / "Pulumi.yaml").read_text()
    (stack.folder / "Pulumi.yaml").write_text(
        project.replace("virtualenv: .venv", f"virtualenv: {VIRTUAL_ENVIRONMENT}")
    )
    for key, value in config.items():
        stack.run("config", "set", key, value, "--stack", "anna")
    return stack


def outputs(stack: PulumiStack) -> dict[str, Any]:
    shown = stack.run("stack", "output", "--json", "--show-secrets", "--stack", stack.name)
    found: dict[str, Any] = json.loads(shown)
    return found


def changes(stack: PulumiStack) -> dict[str, str]:
    """What a preview plans, by resource: the new text of its command, or the action. A refresh is none."""
    steps = json.loads(stack.run("preview", "--json", "--stack", stack.name)).get("steps", [])
    return {
        step["urn"].rpartition("::")[2]: str(
            step.get("newState", {}).get("inputs", {}).get("create", step["op"])
        )
        for step in steps
        if step["op"] not in ("same", "refresh")
    }


def login(stack: PulumiStack) -> Login:
    """The verified login that the stack's outputs describe."""
    found = outputs(stack)
    host_key = re.sub(r"^\S+ ", "", found["known_hosts"])
    return Login(found["ssh_host"], found["ssh_port"], found["private_key"], host_key)


def life(stack: PulumiStack) -> Callable[[str], str]:
    """Runs a command on the stack's machine and returns what it prints, without the newline at its end."""

    async def run(command: str) -> str:
        async with await ssh.connect(login(stack)) as connection:
            result = await ssh.run(connection, command, 30)
            assert result.exit_status == 0, result.stderr
            return str(result.stdout).rstrip("\n")

    return lambda command: asyncio.run(run(command))
