"""The sandbox engine against the real Pulumi CLI where one is on PATH, else against a bare import of the SDK.

    python -m benchmarks.engine

Wall time of up and of a no-op preview for 1, 10 and 50 resources, of 20 creates of two seconds, and the peak
memory of a no-op preview of 50 resources, all processes together (PSS).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import median_seconds, wall_seconds
from benchmarks.memory import PeakMemory
from benchmarks.newcomer import PROJECT

SANDBOX_ENGINE = str(PROJECT / "sandbox/engine/bin/pulumi")
AIM, AIM_MEGABYTES = 0.5, 150
SIZES = (1, 10, 50)
YAML = f"name: many\nruntime: {{name: python, options: {{virtualenv: {PROJECT / '.venv'}}}}}\n"
PROGRAM = """\
import os
import time

from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class ThingProvider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        time.sleep(float(os.environ["CREATE_SECONDS"]))
        return CreateResult(props["name"], props)


class Thing(Resource):
    def __init__(self, name):
        super().__init__(ThingProvider(), name, {"name": name})


for number in range(int(os.environ["THINGS"])):
    Thing(f"thing-{number}")
"""


@dataclass(frozen=True)
class Times:
    """Seconds."""

    up: float
    preview: float


class Engine:
    """One `pulumi` and a folder for its stacks."""

    def __init__(self, pulumi: str, folder: Path) -> None:
        self.pulumi, self.folder = pulumi, folder
        (folder / "backend").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(YAML)
        (folder / "__main__.py").write_text(PROGRAM)

    def environment(self, things: int, create_seconds: float = 0) -> dict[str, str]:
        """What a run needs to make `things` resources."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "benchmark",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PAPERSPACE_API_URL": "http://127.0.0.1:9/v1",
            "THINGS": str(things),
            "CREATE_SECONDS": str(create_seconds),
        }

    def up(self, stack: str, things: int, create_seconds: float = 0) -> float:
        """Seconds of the first `up` of a new stack."""
        environment = self.environment(things, create_seconds)
        wall_seconds([self.pulumi, "stack", "init", stack], self.folder, environment)
        command = [self.pulumi, "up", "--yes", "--skip-preview", "--parallel", "20", "--stack", stack]
        return wall_seconds(command, self.folder, environment)

    def preview_command(self, stack: str) -> list[str]:
        return [self.pulumi, "preview", "--expect-no-changes", "--stack", stack]

    def times(self, things: int) -> Times:
        up = min(self.up(f"s{things}-{run}", things) for run in range(3))
        preview = self.preview_command(f"s{things}-0")
        return Times(up, median_seconds(preview, self.folder, self.environment(things), runs=5))

    def megabytes(self, stack: str, things: int) -> float:
        with PeakMemory() as peak:
            wall_seconds(self.preview_command(stack), self.folder, self.environment(things))
        return peak.megabytes


def floor_seconds() -> float:
    """A Python process that imports the SDK, which no engine can go without."""
    bare = [str(PROJECT / ".venv/bin/python"), "-c", "import pulumi.dynamic"]
    return median_seconds(bare, PROJECT, {"PATH": os.environ["PATH"]})


def compared(what: str, seconds: float, against: float, name: str, aim: float | None = None) -> None:
    aimed = f"  (aim: at most {aim:.2f})" if aim else ""
    print(f"{what}: {seconds:.2f} s = {seconds / against:.2f} x {name} ({against:.2f} s){aimed}", flush=True)


def main() -> None:
    found = shutil.which("pulumi")
    with tempfile.TemporaryDirectory() as name:
        ours = Engine(SANDBOX_ENGINE, Path(name) / "sandbox")
        real = Engine(found, Path(name) / "real") if found else None
        if real is None:
            print("no real Pulumi CLI on PATH: ratios are to a bare import of the SDK", flush=True)
        floor, floor_name = floor_seconds(), "the SDK's import"
        for size in SIZES:
            mine = ours.times(size)
            theirs = real.times(size) if real else Times(floor, floor)
            label = "the real CLI" if real else floor_name
            aim = AIM if real else None
            compared(f"no-op preview of {size} resources", mine.preview, theirs.preview, label, aim)
            compared(f"up of {size} resources", mine.up, theirs.up, label)
        slow = real.up("slow", 20, 2) if real else 2.0
        compared("20 creates of 2 s", ours.up("slow", 20, 2), slow, "the real CLI" if real else "one of them")
        megabytes = ours.megabytes("s50-0", 50)
        print(f"peak memory, no-op preview of 50: {megabytes:.0f} MB (aim: at most {AIM_MEGABYTES})", end="")
        print(f"; the real CLI {real.megabytes('s50-0', 50):.0f} MB" if real else "", flush=True)


if __name__ == "__main__":
    main()
