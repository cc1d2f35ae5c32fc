"""How many `pulumi` run at once: twice the processors, as far as the memory allows (pulumi-facts.md B.1)."""

from __future__ import annotations

import os
from pathlib import Path

MEGABYTES_A_RUN = 250
RUNS_A_PROCESSOR = 2
MEMINFO = Path("/proc/meminfo")
CONTROL_GROUP = Path("/sys/fs/cgroup")


def default_parallel() -> int:
    return bounded(os.cpu_count() or 1, available_megabytes(MEMINFO, CONTROL_GROUP))


def bounded(processors: int, megabytes: int | None) -> int:
    """At least one; only by processors where the free memory is not known."""
    by_processors = processors * RUNS_A_PROCESSOR
    if megabytes is None:
        return by_processors
    return max(1, min(by_processors, megabytes // MEGABYTES_A_RUN))


def available_megabytes(meminfo: Path, control_group: Path) -> int | None:
    """What is free of the computer's memory or of the container's limit, whichever is less."""
    known = [
        free for free in (free_of_computer(meminfo), free_of_container(control_group)) if free is not None
    ]
    return min(known) if known else None


def free_of_computer(meminfo: Path) -> int | None:
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    free = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(free[0]) // 1024 if free else None


def free_of_container(folder: Path) -> int | None:
    try:
        limit = (folder / "memory.max").read_text().strip()
        used = int((folder / "memory.current").read_text())
    except (OSError, ValueError):
        return None
    return None if limit == "max" else max(0, int(limit) - used) // 1024**2
