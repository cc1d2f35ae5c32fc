"""How `lab` calls `pulumi`: with the stack's name, never the selected stack, each in a session of its own.

A session of its own keeps the terminal's Ctrl-C from it: `lab` sends it one SIGINT, so that a create that is
under way finishes and is recorded (pulumi-facts.md B.1, "Signals to the CLI").
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from lab import engine
from lab.errors import LabError
from lab.workspace import Workspace

Operation = Literal["preview", "up", "refresh", "destroy"]

ARGUMENTS: dict[Operation, list[str]] = {
    "preview": ["preview"],
    "up": ["up", "--yes", "--skip-preview"],
    "refresh": ["refresh", "--yes", "--skip-preview"],
    "destroy": ["destroy", "--yes", "--skip-preview"],
}
POSTGRES_PARALLEL = "2"
"""With more, `stack ls` hangs for ever on few processors (pulumi-facts.md B.1, Postgres defect 1)."""


@dataclass(frozen=True)
class Pulumi:
    """The executable and the workspace that it runs in."""

    executable: Path
    workspace: Workspace

    @classmethod
    def chosen(cls, workspace: Workspace) -> Pulumi:
        """With the executable that `lab.engine` chooses. Raises EngineMissing."""
        return cls(engine.choose(), workspace)

    def environment(self) -> dict[str, str]:
        variables = {**os.environ, **self.workspace.variables}
        variables |= {"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_DEBUG_COMMANDS": "1", "NO_COLOR": "1"}
        variables.pop("PULUMI_STACK", None)
        variables.pop("SSH_AUTH_SOCK", None)  # no step uses an agent, and a dead one fails every step
        if variables.get("PULUMI_BACKEND_URL", "").startswith(("postgres://", "postgresql://")):
            variables.setdefault("PULUMI_DIY_BACKEND_PARALLEL", POSTGRES_PARALLEL)
        return variables

    def start(self, operation: Operation, stack: str, log: IO[str], events: Path) -> subprocess.Popen[str]:
        """One run; everything that it prints goes into `log`, its events into `events`."""
        words = [*ARGUMENTS[operation], "--stack", stack, "--non-interactive", "--event-log", str(events)]
        return subprocess.Popen(
            [str(self.executable), *words],
            cwd=self.workspace.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def answer(self, *words: str) -> str:
        """What a command that reads prints. Raises LabError with Pulumi's own words."""
        result = subprocess.run(
            [str(self.executable), *words],
            cwd=self.workspace.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        if result.returncode:
            message = f"pulumi {' '.join(words)} failed: {result.stderr.strip() or result.stdout.strip()}"
            raise LabError(message)
        return result.stdout

    def as_typed(self, *words: str) -> str:
        """The command for a person in the project's folder; with its path where `pulumi` is not this one."""
        is_on_path = str(self.executable) == shutil.which("pulumi")
        return shlex.join(["pulumi" if is_on_path else str(self.executable), *words])

    def stacks(self) -> dict[str, int]:
        """Every stack of the project in the backend, with how many resources it holds. Raises LabError."""
        listed: list[dict[str, Any]] = json.loads(self.answer("stack", "ls", "--json", "--non-interactive"))
        return {short_name(stack["name"]): int(stack.get("resourceCount") or 0) for stack in listed}

    def init(self, stack: str, secrets_provider: str = "") -> None:
        """Makes the stack, without selecting it. Raises LabError."""
        words = ("--secrets-provider", secrets_provider) if secrets_provider else ()
        self.answer("stack", "init", stack, *words, "--no-select", "--non-interactive")

    def outputs(self, stack: str, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's outputs, secrets masked unless they are wanted. Raises LabError."""
        words = ("--show-secrets",) if show_secrets else ()
        listed = self.answer("stack", "output", "--json", "--stack", stack, "--non-interactive", *words)
        return dict(json.loads(listed))

    def recorded(self, stack: str) -> Recorded:
        """What the stack's state knows of machines. Raises LabError."""
        words = ("stack", "export", "--stack", stack, "--non-interactive")
        deployment = json.loads(self.answer(*words)).get("deployment") or {}
        machines = resources_of(deployment, ":Machine")
        archives = [each.get("inputs") or {} for each in resources_of(deployment, ":Archive")]
        reserved = [each.get("outputs") or {} for each in resources_of(deployment, ":Reservation")]
        directories = [str(inputs.get("directory")) for inputs in archives if inputs.get("mode") == "on"]
        guarded = {str(inputs.get("machine_id")) for inputs in archives}
        return Recorded(
            frozenset(str(machine.get("id")) for machine in machines),
            bool(deployment.get("pending_operations")),
            next(iter(directories), ""),
            frozenset(str(each.get("id")) for each in machines if not each.get("delete")) - guarded,
            frozenset(str(outputs["wire_name"]) for outputs in reserved if outputs.get("wire_name")),
        )


@dataclass(frozen=True)
class Recorded:
    """`pending`: an operation was cut off, so that a machine may be there that is not in the state yet.

    `archive_directory`: where the home folder is archived before the machine is deleted; empty: nowhere.
    `unguarded`: machines in use that have no Archive, not even one that is off.
    `reserved_names`: under which the machine was ordered, in the state before the order was.
    """

    machine_ids: frozenset[str] = frozenset()
    pending: bool = False
    archive_directory: str = ""
    unguarded: frozenset[str] = frozenset()
    reserved_names: frozenset[str] = frozenset()


def resources_of(deployment: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """Those whose type ends so."""
    return [each for each in deployment.get("resources") or [] if str(each.get("type")).endswith(kind)]


def short_name(listed: str) -> str:
    """`organization/project/anna` is anna."""
    return listed.rpartition("/")[2]
