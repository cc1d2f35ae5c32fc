"""Wall time of commands, as medians, and the one way in which a benchmark prints its ratio."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def wall_seconds(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    """One run, which must succeed; its output is shown only if it does not."""
    start = time.perf_counter()
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        message = f"{' '.join(command)} ended with {result.returncode}:\n{result.stdout}{result.stderr}"
        raise SystemExit(message)
    return time.perf_counter() - start


def median_seconds(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], runs: int = 7
) -> float:
    """The median of `runs`, after one that warms the caches."""
    wall_seconds(command, folder, environment)
    return statistics.median(wall_seconds(command, folder, environment) for _ in range(runs))


def report(what: str, seconds: float, floor_name: str, floor: float, aim: float | None = None) -> None:
    aimed = f"  (aim: at most {aim:.2f})" if aim else ""
    print(
        f"{what}: {seconds:.2f} s = {seconds / floor:.2f} x {floor_name} ({floor:.2f} s){aimed}", flush=True
    )
