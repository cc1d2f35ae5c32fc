"""`up` of the dev stack, against what it waits for: the sandbox's provisioning and the scripts' own work.

Both are read off the same run: the create event's times from the API, the steps' from their files on the
machine.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import requests

from benchmarks.measure import report, wall_seconds
from benchmarks.newcomer import dev_stack

AIM = 1.25
STEPS = "machines/*/**/home/paperspace/.local/state/fastai/steps/*"


def provisioning_seconds(environment: dict[str, str]) -> float:
    """From the create event's start to its end, by the sandbox's clock."""
    answer = requests.get(
        f"{environment['PAPERSPACE_API_URL']}/machine-events",
        headers={"Authorization": f"Bearer {environment['PAPERSPACE_API_KEY']}"},
        timeout=10,
    ).json()
    [event] = [event for event in answer["items"] if event["name"] == "create"]
    times = (datetime.fromisoformat(event[key]) for key in ("dtCreated", "dtFinished"))
    created, finished = times
    return (finished - created).total_seconds()


def script_seconds(folder: Path) -> float:
    """From each step's marker being written to its `ok`; what ran side by side counts once."""
    steps = [path for path in (folder / ".sandbox").glob(STEPS) if path.is_dir()]
    spans = sorted(((step / "marker").stat().st_mtime, (step / "ok").stat().st_mtime) for step in steps)
    total, covered = 0.0, 0.0
    for begun, ended in spans:
        total += max(0.0, ended - max(begun, covered))
        covered = max(covered, ended)
    return total


def main() -> None:
    with dev_stack() as (folder, environment, pulumi):
        wall_seconds([pulumi, "stack", "init", "dev"], folder, environment)
        up = wall_seconds([pulumi, "up", "--yes", "--skip-preview", "--stack", "dev"], folder, environment)
        provisioning, scripts = provisioning_seconds(environment), script_seconds(folder)
        print(f"provisioning {provisioning:.2f} s, scripts on the machine {scripts:.2f} s")
        report("up of the dev stack", up, "provisioning and scripts", provisioning + scripts, AIM)


if __name__ == "__main__":
    main()
