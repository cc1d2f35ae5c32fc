"""The guest scripts run by real bash, as root-less rehearsals in a home of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components import findings, guest_files, probe, step
from components.findings import Finding
from components.step import Plan, Step

SECONDS = 30


@dataclass(frozen=True)
class GuestHome:
    """A machine's files below `root`; its shell sees HOME and GUEST_ROOT."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home" / "paperspace"

    @property
    def steps(self) -> Path:
        return self.home / ".local" / "state" / "fastai" / "steps"

    def environment(self, **variables: str) -> dict[str, str]:
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        return {"HOME": str(self.home), "GUEST_ROOT": str(self.root), "PATH": path, **variables}

    def bash(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The script on bash's standard input, as the machine's SSH server runs it."""
        return subprocess.run(
            ["bash", "-s"],
            input=script,
            env=self.environment(**variables),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def command(self, name: str, text: str) -> None:
        """Puts an executable of that name first on the machine's PATH."""
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)

    def run(
        self, each: Step, token: str, facts: Mapping[str, str] = {}, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a step's body under a token, as its remote.Command does."""
        plan = each.plan(facts)
        return self.bash(
            step.standard_input(each, plan),
            STEP_TOKEN=token,
            STEP_SUMMARY=plan.summary,
            HEARTBEAT_SECONDS="1",
            **variables,
        )

    def find(self, *steps: Step, **variables: str) -> dict[str, Finding]:
        """What the probe tells of the steps."""
        result = self.bash(probe.script({each.name: each.check for each in steps}), **variables)
        assert result.returncode == 0, result.stderr
        return findings.parse(result.stdout)


def shell_step(body: str, check: str = "true", name: str = "work", secrets: str = "") -> Step:
    return Step(name, check, lambda _facts: Plan(f"{name}: as told", body), secrets)


__all__ = ["GuestHome", "guest_files", "shell_step"]
