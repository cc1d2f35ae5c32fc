"""Memory of processes from /proc, in megabytes; pages that several share are divided among them (PSS)."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

SAMPLE_SECONDS = 0.02


def pss(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def pss_of_tree(root: int) -> float:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    total, waiting = 0.0, [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        total += pss(process)
    return total


class PeakMemory:
    """`with PeakMemory() as peak: …`, then `peak.megabytes` of all that this process started."""

    def __init__(self, sample_seconds: float = SAMPLE_SECONDS) -> None:
        self.megabytes = 0.0
        self._pause = sample_seconds
        self._own, self._ended = pss(os.getpid()), threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> PeakMemory:
        self._watcher.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._pause):
            self.megabytes = max(self.megabytes, pss_of_tree(os.getpid()) - self._own)
