"""A class's no-op preview by `lab`, against as many bare `pulumi preview` on the same engine, as CPU time.

    python -m benchmarks.students [students] [parallel]

The program declares the real Machine against the sandbox's API, without guests, so that 200 students fit on a
laptop. CPU is that of all processes that were waited for; memory is the peak of all processes' summed PSS.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import PeakMemory
from benchmarks.newcomer import PROJECT
from lab import engine, parallelism
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings

AIM = 1.2
SAMPLE_SECONDS = 0.2
PROGRAM = """\
import pulumi

from components import configuration
from provider.machine import Machine

settings = configuration.load()
name = pulumi.get_stack()
machine = Machine(
    "machine",
    name=f"fastai-{name}",
    identity=name,
    machine_types=list(settings.machine_types),
    regions=list(settings.regions),
    template=settings.template,
    disk_size=settings.disk_size,
    public_ip_type=settings.public_ip_type,
    auto_snapshot={"enabled": False},
    auto_shutdown={"hours": 8, "force": False},
    startup_script="#!/bin/sh\\ntrue\\n",
    power=settings.power,
)
pulumi.export("machine_id", machine.id)
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and CPU, peak megabytes, calls of the API."""

    wall: float
    cpu: float
    megabytes: float
    calls: int

    def __str__(self) -> str:
        return (
            f"{self.wall:7.1f} s wall {self.cpu:7.1f} s CPU {self.megabytes:6.0f} MB {self.calls:6} API calls"
        )


def measured(run: Callable[[], None], sandbox: Sandbox) -> Cost:
    """One run; the benchmark's own memory, sandbox included, is taken off."""
    calls, cpu, began = calls_so_far(sandbox), cpu_of_children(), time.perf_counter()
    with PeakMemory(SAMPLE_SECONDS) as peak:
        run()
        wall = time.perf_counter() - began
    return Cost(wall, cpu_of_children() - cpu, peak.megabytes, calls_so_far(sandbox) - calls)


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def calls_so_far(sandbox: Sandbox) -> int:
    return sum(sandbox.state()["requests"].values())


class SchoolClass:
    """A folder with `size` students and the variables that `lab` and `pulumi` run with."""

    def __init__(self, folder: Path, size: int, parallel: int, sandbox: Sandbox) -> None:
        self.folder = folder
        self.parallel = parallel
        self.names = [f"student-{number:03}" for number in range(size)]
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "benchmark",
            "PULUMI_ROOT": str(engine.choose().parent.parent),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PAPERSPACE_API_URL": sandbox.url,
            "PAPERSPACE_API_KEY": sandbox.api_key,
        }
        (folder / "Pulumi.yaml").write_text((PROJECT / "Pulumi.yaml").read_text())
        (folder / "__main__.py").write_text(PROGRAM)
        (folder / ".venv").symlink_to(PROJECT / ".venv")
        (folder / "backend").mkdir()
        (folder / "class.csv").write_text("\n".join(["student", *self.names, ""]))

    def run(self, words: list[str], folder: Path) -> None:
        result = subprocess.run(
            words, cwd=folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if result.returncode:
            message = f"{' '.join(words[:4])}:\n{result.stdout[-2000:]}{result.stderr[-2000:]}"
            raise SystemExit(message)

    def lab(self, *words: str) -> None:
        self.run([str(PROJECT / ".venv/bin/lab"), *words], self.folder)

    def preview(self) -> None:
        self.lab("preview", "--parallel", str(self.parallel))

    def bare_previews(self) -> None:
        """As many at once, in the folder that `lab` has made, each a plain `pulumi preview`."""

        def one(name: str) -> None:
            words = [str(engine.choose()), "preview", "--stack", name, "--non-interactive"]
            self.run(words, self.folder / ".lab" / "project")

        with ThreadPoolExecutor(max_workers=self.parallel) as pool:
            list(pool.map(one, self.names))


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    parallel = int(sys.argv[2]) if len(sys.argv) > 2 else parallelism.default_parallel()
    settings = SandboxSettings.immediate().model_copy(update={"max_machines": size + 10})
    with tempfile.TemporaryDirectory() as name, Sandbox(Path(name) / "sandbox", settings) as sandbox:
        (Path(name) / "class").mkdir()
        school = SchoolClass(Path(name) / "class", size, parallel, sandbox)
        school.lab("roster", "apply", "class.csv")
        print(f"{size} students, {parallel} at once", flush=True)
        print(
            f"lab up           {measured(lambda: school.lab('up', '-p', str(parallel)), sandbox)}", flush=True
        )
        bare = measured(school.bare_previews, sandbox)
        by_lab = measured(school.preview, sandbox)
        print(f"bare previews    {bare}\nlab preview      {by_lab}", flush=True)
        print(f"lab preview: {by_lab.cpu / bare.cpu:.2f} x the CPU of bare previews (aim: at most {AIM:.2f})")
        last = measured(lambda: school.lab("destroy", "--yes", "--parallel", str(parallel)), sandbox)
        print(f"lab destroy      {last}", flush=True)


if __name__ == "__main__":
    main()
