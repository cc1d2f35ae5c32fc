"""`lab` as a person runs it: in the folder of a class, against a sandbox of the API without guests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from lab.project import Project
from sandbox.server import Sandbox
from tests.conftest import PROJECT
from tests.waiting import Started, wait_until

SECONDS = 120
PROGRAM = """\
import pulumi

from components import configuration
from components.archive import Archive
from provider.machine import Machine

settings = configuration.load()
machine = Machine(
    "machine",
    name=f"fastai-{pulumi.get_stack()}",
    identity=f"identity of {pulumi.get_stack()}",
    machine_types=list(settings.machine_types),
    regions=list(settings.regions),
    template=settings.template,
    disk_size=settings.disk_size,
    public_ip_type=settings.public_ip_type,
    auto_snapshot={"enabled": settings.auto_snapshot},
    auto_shutdown={"hours": settings.auto_shutdown_hours, "force": False},
    startup_script="#!/bin/sh\\ntrue\\n",
    power=settings.power,
)
Archive(
    "archive",
    machine_id=machine.id,
    port=settings.ssh_port,
    private_key="",
    host_key="",
    stack=pulumi.get_stack(),
    mode="off",
    directory=settings.archive_directory,
    exclude=[],
    limit_gb=1,
)
for name in ("id", "machine_type", "region", "hourly_rate", "monthly_fixed"):
    pulumi.export({"id": "machine_id"}.get(name, name), getattr(machine, name))
pulumi.export("hours_per_week", settings.hours_per_week)
pulumi.export("ssh_port", settings.ssh_port)
"""
"""The real settings, the real Machine and its Archive, without what needs a machine to log in to: the Archive
guards the machine in the state, and saves nothing."""


@dataclass(frozen=True)
class LabCommand:
    """Runs `lab` in `project`'s folder."""

    project: Project
    pulumi: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def create(cls, project: Project, pulumi: Path, environment: Mapping[str, str]) -> LabCommand:
        (project.root / "__main__.py").write_text(PROGRAM)
        (project.root / ".venv").symlink_to(PROJECT / ".venv")
        (project.root / "backend").mkdir()
        return cls(project, pulumi, environment)

    def variables(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.project.root),
            "PYTHONPATH": str(PROJECT),
            "PULUMI_ROOT": str(self.pulumi.parent.parent),
            "PULUMI_HOME": str(self.project.root / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.project.root / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "passphrase",
            "COLUMNS": "120",
            **self.environment,
        }

    def start(self, *words: str) -> Started:
        return Started(
            [sys.executable, "-c", "from lab.cli import app; app()", *words],
            cwd=self.project.root,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run_step(self, workflow: str, step: str, **variables: str) -> str:
        """What the script of a step of one of the project's workflows prints, run as GitHub runs it."""
        jobs = yaml.safe_load((PROJECT / ".github" / "workflows" / workflow).read_text())["jobs"].values()
        [script] = [each["run"] for job in jobs for each in job["steps"] if each.get("name") == step]
        result = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=self.project.root,
            env={**self.variables(), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert result.returncode == 0, f"{workflow}, {step}: {result.stdout}\n{result.stderr}"
        return result.stdout

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        """(stdout, stderr); fails unless it ends with `code`."""
        with self.start(*words) as process:
            printed, told = process.communicate(timeout=SECONDS)
        assert process.returncode == code, f"lab {' '.join(words)}: {process.returncode}\n{printed}\n{told}"
        return printed, told


def ended(process: subprocess.Popen[str], sandbox: Sandbox) -> str:
    """What it printed on stdout; the sandbox's clock goes on until it has ended."""

    def clock_goes_on() -> bool:
        sandbox.advance(60)
        return process.poll() is not None

    wait_until(clock_goes_on, "the run ended")
    return process.communicate()[0]
