"""One stack of one program, driven through the `pulumi` command line as a person would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT
from tests.waiting import Started

SECONDS = 120
VIRTUAL_ENVIRONMENT = PROJECT / ".venv"
PROJECT_FILE = """\
name: {name}
runtime:
  name: python
  options:
    virtualenv: {virtualenv}
options:
  refresh: always
"""


class PulumiFailed(AssertionError):
    """A command ended with another exit code than the test expects; the text is all that it printed."""


@dataclass(frozen=True)
class PulumiStack:
    """`pulumi` with its own backend and home below `folder`; `environment` is what the program may see."""

    pulumi: Path
    folder: Path
    name: str = "test"
    environment: Mapping[str, str] = field(default_factory=dict)
    seconds: float = SECONDS

    @classmethod
    def create(
        cls, pulumi: Path, folder: Path, program: str, environment: Mapping[str, str], name: str = "test"
    ) -> PulumiStack:
        """A new project with `program` as its `__main__.py`, and its stack, initialised."""
        (folder / "backend").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(
            PROJECT_FILE.format(name=folder.name.replace("_", "-"), virtualenv=VIRTUAL_ENVIRONMENT)
        )
        (folder / "__main__.py").write_text(program)
        stack = cls(pulumi, folder, name, environment)
        stack.run("stack", "init", name)
        return stack

    def variables(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(PROJECT),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "passphrase",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.environment,
        }

    def start(self, *arguments: str) -> Started:
        """The command, running, in a process group of its own; both outputs in one pipe."""
        return Started(
            [str(self.pulumi), *arguments],
            cwd=self.folder,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        """What the command printed on stdout. Raises PulumiFailed unless it ends with `code`."""
        result = subprocess.run(
            [str(self.pulumi), *arguments],
            cwd=self.folder,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.seconds,
            check=False,
        )
        if result.returncode != code:
            message = f"pulumi {' '.join(arguments)}: {result.returncode}\n{result.stdout}\n{result.stderr}"
            raise PulumiFailed(message)
        return result.stdout + (result.stderr if code else "")

    def plan(self) -> dict[str, str]:
        """The last planned step of each resource by its name, from `preview --json`."""
        steps = json.loads(self.run("preview", "--json", "--stack", self.name)).get("steps", [])
        return {step["urn"].rpartition("::")[2]: step["op"] for step in steps}

    def up(self) -> str:
        return self.run("up", "--yes", "--skip-preview", "--stack", self.name)

    def refresh(self) -> str:
        return self.run("refresh", "--yes", "--skip-preview", "--stack", self.name)

    def destroy(self) -> str:
        return self.run("destroy", "--yes", "--skip-preview", "--stack", self.name)

    def checkpoint(self) -> dict[str, Any]:
        """The stack's deployment, secrets still encrypted."""
        deployment: dict[str, Any] = json.loads(self.run("stack", "export", "--stack", self.name))
        return deployment["deployment"]  # type: ignore[no-any-return]

    def resources(self) -> dict[str, dict[str, Any]]:
        """Resources in state by name."""
        return {r["urn"].rpartition("::")[2]: r for r in self.checkpoint().get("resources", [])}
