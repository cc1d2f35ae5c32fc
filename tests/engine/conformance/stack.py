"""A project with a stack of its own in a temporary directory, driven through a `pulumi` command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT
from tests.engine.conformance.cases import PROGRAMS
from tests.engine.conformance.passphrase import PASSPHRASE, encrypt, fixed_salt

MAIN = (
    "import importlib, os\n\ngetattr(importlib.import_module(os.environ['PROGRAM']), os.environ['STEP'])()\n"
)


@dataclass
class Result:
    exit_code: int
    stdout: str
    stderr: str


@dataclass
class Stack:
    """`executable` is the pulumi to run; several may take turns on the same directory."""

    executable: Path
    directory: Path
    program: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return self.directory / "project"

    def create(self, name: str = "dev") -> None:
        """Lay out the project on first use; then make the stack, with a fixed salt and the configuration."""
        if not self.project.exists():
            shutil.copytree(PROGRAMS, self.project, ignore=shutil.ignore_patterns("__pycache__"))
            (self.directory / "backend").mkdir()
            (self.project / "Pulumi.yaml").write_text("name: conformance\nruntime: python\n")
            (self.project / "__main__.py").write_text(MAIN)
        (self.project / f"Pulumi.{name}.yaml").write_text(_configuration())
        self.run("stack", "init", name, check=True)

    def run(self, *arguments: str, step: str = "", check: bool = False) -> Result:
        done = subprocess.run(
            [self.executable, *arguments, "--non-interactive"],
            cwd=self.project,
            env=self.environment_of(step),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        result = Result(done.returncode, done.stdout, done.stderr)
        assert not check or result.exit_code == 0, result
        return result

    def start(self, *arguments: str, step: str = "") -> subprocess.Popen[bytes]:
        """Run in the background, in a session of its own."""
        return subprocess.Popen(
            [self.executable, *arguments, "--non-interactive"],
            cwd=self.project,
            env=self.environment_of(step),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def preview(self, step: str, *flags: str) -> dict[str, Any]:
        """The plan as `preview --json` prints it."""
        result = self.run("preview", "--json", *flags, step=step)
        try:
            plan = json.loads(result.stdout)
        except ValueError:
            plan = {"changeSummary": f"no JSON but: {result.stdout}{result.stderr}"}
        return {**plan, "exit_code": result.exit_code}

    def state(self, stack: str = "dev") -> dict[str, Any]:
        """The checkpoint as it is in the backend, ciphertexts and all."""
        path = self.directory / "backend/.pulumi/stacks/conformance" / f"{stack}.json"
        return dict(json.loads(path.read_text()))

    def environment_of(self, step: str) -> dict[str, str]:
        return {
            "HOME": str(self.directory),
            "PATH": os.pathsep.join(
                [str(self.executable.parent), f"{PROJECT}/.venv/bin", "/usr/bin", "/bin"]
            ),
            "PULUMI_HOME": str(self.directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.directory}/backend",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PAPERSPACE_API_URL": "http://127.0.0.1:9/v1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PROGRAM": self.program,
            "STEP": step,
            **self.environment,
        }


def _configuration() -> str:
    salt = fixed_salt()
    settings = {
        "encryptionsalt": salt,
        "config": {
            "conformance:token": {"secure": encrypt("tok-123", salt)},
            "conformance:object": {"inner": ["x"]},
        },
    }
    return json.dumps(settings)
