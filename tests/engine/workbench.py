"""A project, a file backend and a world in one directory, and the `pulumi` command run on them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
THINGS = Path(__file__).parent / "programs" / "things.py"
HEAD = "import pulumi\nfrom pulumi import ResourceOptions\nfrom things import Thing\n"
LIMIT_SECONDS = 60


class Workbench:
    def __init__(self, directory: Path, pulumi: Path) -> None:
        self.directory, self.pulumi = directory, pulumi
        self.program_directory, self.world = directory / "program", directory / "world"
        self.environment = {
            "PATH": f"{PROJECT / '.venv/bin'}:{os.environ['PATH']}",
            "HOME": str(directory),
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": (directory / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "correct horse",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
            "PAPERSPACE_API_URL": "http://127.0.0.1:9/v1",
            "WORLD": str(self.world),
            # programs of one size follow each other within a second, which Python's cache cannot tell apart
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for each in (self.program_directory, self.world, directory / "backend"):
            each.mkdir(parents=True)
        shutil.copy(THINGS, self.program_directory)
        self.project()

    def project(self, extra: str = "") -> None:
        virtualenv = f"runtime: {{name: python, options: {{virtualenv: {PROJECT / '.venv'}}}}}\n"
        (self.program_directory / "Pulumi.yaml").write_text(f"name: bench\n{virtualenv}{extra}")

    def program(self, text: str) -> None:
        (self.program_directory / "__main__.py").write_text(HEAD + text)

    def start(self, *arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
        """The command, running, in a process group of its own."""
        return subprocess.Popen(
            [str(self.pulumi), "--non-interactive", *arguments],
            cwd=self.program_directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command that must end with `code`; returns its output, stderr last."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=LIMIT_SECONDS)
        assert process.returncode == code, f"{arguments} ended with {process.returncode}:\n{out}\n{err}"
        return out + err

    def up(self, text: str | None = None, *arguments: str, code: int = 0) -> str:
        if text is not None:
            self.program(text)
        return self.run("up", "--yes", "--skip-preview", *arguments, code=code)

    def json(self, *arguments: str) -> Any:
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=LIMIT_SECONDS)
        assert process.returncode == 0, err
        return json.loads(out)

    @property
    def state_file(self) -> Path:
        return self.directory / "backend" / ".pulumi" / "stacks" / "bench" / "dev.json"

    def state(self) -> dict[str, Any]:
        return json.loads(self.state_file.read_text())["checkpoint"]["latest"]

    def resources(self) -> dict[str, dict[str, Any]]:
        """Resources by name, without the stack and its providers."""
        found = self.state().get("resources", [])
        return {r["urn"].rpartition("::")[2]: r for r in found if not r["type"].startswith("pulumi:")}

    def log(self) -> list[str]:
        file = self.world / "log"
        return file.read_text().splitlines() if file.exists() else []

    def steer(self, name: str, text: str = "") -> Path:
        file = self.world / name
        file.write_text(text)
        return file

    def locks(self) -> list[Path]:
        return list((self.directory / "backend" / ".pulumi" / "locks").rglob("*.json"))

    def children_of(self, pid: int) -> list[int]:
        """All processes below `pid`, from /proc."""
        parents = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.parent.name)] = int(fields[1])
        found, frontier = [], [pid]
        while frontier:
            frontier = [child for child, parent in parents.items() if parent in frontier]
            found += frontier
        return found


def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until `condition` holds; fails the test after LIMIT_SECONDS."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.01)
