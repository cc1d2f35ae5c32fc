"""A preview of the dev stack that changes nothing, against an empty Pulumi program on the same engine.

Beside it: what the look at the machine takes alone, in a Python of its own, and both together. A preview that
looks can hardly go below that.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks import look
from benchmarks.measure import median_seconds, report, wall_seconds
from benchmarks.newcomer import PROJECT, dev_stack
from components.settings import Settings
from components.workstation import steps_of

AIM = 1.5
EMPTY = f"name: empty\nruntime:\n  name: python\n  options:\n    virtualenv: {PROJECT / '.venv'}\n"


def empty_stack(folder: Path, environment: dict[str, str], pulumi: str) -> Path:
    """A program without a resource; its stack is up."""
    empty = folder / "empty"
    empty.mkdir()
    (empty / "Pulumi.yaml").write_text(EMPTY)
    (empty / "__main__.py").write_text("import pulumi\n")
    for command in (["stack", "init", "dev"], ["up", "--yes", "--skip-preview", "--stack", "dev"]):
        wall_seconds([pulumi, *command], empty, environment)
    return empty


def look_command(folder: Path, environment: dict[str, str], pulumi: str) -> list[str]:
    """The program `benchmarks.look` on the machine of the dev stack, with the checks of all its steps."""
    shown = [pulumi, "stack", "output", "--json", "--show-secrets", "--stack", "dev"]
    printed = subprocess.run(shown, cwd=folder, env=environment, check=True, capture_output=True).stdout
    outputs = json.loads(printed)
    login = {
        "host": outputs["ssh_host"],
        "port": outputs["ssh_port"],
        "user": outputs["ssh_user"],
        "private_key": outputs["private_key"],
        "host_key": outputs["known_hosts"].partition(" ")[2],
    }
    steps = steps_of(Settings(), "", outputs["notebook_token"])
    told = {"login": login, "checks": {step.name: step.check for step in steps}}
    file = folder / "look.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(told))
    return [sys.executable, look.__file__, str(file)]


def main() -> None:
    with dev_stack() as (folder, environment, pulumi):
        wall_seconds([pulumi, "stack", "init", "dev"], folder, environment)
        wall_seconds([pulumi, "up", "--yes", "--skip-preview", "--stack", "dev"], folder, environment)
        preview = [pulumi, "preview", "--expect-no-changes", "--stack", "dev"]
        floor = median_seconds(preview, empty_stack(folder, environment, pulumi), environment)
        seconds = median_seconds(preview, folder, environment)
        report("no-op preview of the dev stack", seconds, "empty program", floor, AIM)
        alone = median_seconds(look_command(folder, environment, pulumi), folder, environment)
        report("of which the look at the machine, alone", alone, "empty program", floor)
        report("no-op preview of the dev stack", seconds, "empty program and look", floor + alone)


if __name__ == "__main__":
    main()
