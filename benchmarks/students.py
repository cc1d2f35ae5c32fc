"""A class's no-op preview by `lab`, against as many bare `pulumi preview` on the same engine, as CPU time.

    python -m benchmarks.students [--parallel N] [students ...]      # 10 and 50 if not given; 200 takes long

The program declares the real Machine against the sandbox's API, without guests, so that 200 students fit on a
laptop. CPU is that of all processes below this one, also of those that outlive their parents; memory is the
peak of all processes' summed PSS. Floor and class are measured in the same run.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import subprocess
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
SIZES = (10, 50)
SAMPLE_SECONDS = 0.5
SET_CHILD_SUBREAPER = 36
"""Of Linux's prctl(2): orphans become our children, so that their CPU time is counted."""

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

    def told(self, students: int) -> str:
        return (
            f"{self.wall:7.1f} s wall {self.cpu:7.1f} s CPU ({self.cpu / students:.2f} a student)"
            f" {self.megabytes:6.0f} MB {self.calls:6} API calls"
        )


def measured(run: Callable[[], None], sandbox: Sandbox) -> Cost:
    """One run; the benchmark's own memory, sandbox included, is taken off."""
    calls, cpu, began = calls_so_far(sandbox), cpu_of_children(), time.perf_counter()
    with PeakMemory(SAMPLE_SECONDS) as peak:
        run()
        wall = time.perf_counter() - began
    reap_orphans()
    return Cost(wall, cpu_of_children() - cpu, peak.megabytes, calls_so_far(sandbox) - calls)


def adopt_orphans() -> None:
    if ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        message = "benchmarks.students needs Linux: it counts the CPU time of orphans by prctl"
        raise SystemExit(message)


def reap_orphans() -> None:
    """Waits for every process that is left: providers end a moment after the engine that started them."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


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


def benchmark(size: int, parallel: int) -> None:
    """A class of `size`, brought up, previewed bare and by `lab`, and destroyed."""
    settings = SandboxSettings.immediate().model_copy(update={"max_machines": size + 10})
    with tempfile.TemporaryDirectory() as name, Sandbox(Path(name) / "sandbox", settings) as sandbox:
        (Path(name) / "class").mkdir()
        school = SchoolClass(Path(name) / "class", size, parallel, sandbox)
        school.lab("roster", "apply", "class.csv")
        load = os.getloadavg()[0]
        print(f"{size} students, {parallel} at once, load before it {load:.1f}", flush=True)

        def step(what: str, run: Callable[[], None]) -> Cost:
            cost = measured(run, sandbox)
            print(f"  {what:15} {cost.told(size)}", flush=True)
            return cost

        step("lab up", lambda: school.lab("up", "-p", str(parallel)))
        bare = step("bare previews", school.bare_previews)
        by_lab = step("lab preview", school.preview)
        ratio = by_lab.cpu / bare.cpu
        print(f"  lab preview is {ratio:.2f} x the CPU of bare previews (aim: at most {AIM:.2f})", flush=True)
        step("lab destroy", lambda: school.lab("destroy", "--yes", "-p", str(parallel)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.students", description=__doc__)
    parser.add_argument("students", type=int, nargs="*", default=SIZES)
    parser.add_argument("--parallel", type=int, default=parallelism.default_parallel())
    options = parser.parse_args()
    adopt_orphans()
    for size in options.students:
        benchmark(size, options.parallel)


if __name__ == "__main__":
    main()
