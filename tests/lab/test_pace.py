"""How many runs at once, and how fast one after the other."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lab.parallelism import available_megabytes, bounded
from lab.stacks import Gate


@pytest.mark.parametrize(
    ("processors", "megabytes", "expected"),
    [(2, 8000, 4), (8, 1000, 4), (2, 100, 1), (4, None, 8)],
)
def test_runs_are_twice_the_processors_as_far_as_memory_goes(
    processors: int, megabytes: int | None, expected: int
) -> None:
    assert bounded(processors, megabytes) == expected


def test_the_smaller_of_computer_and_container_counts(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9000000 kB\nMemAvailable: 4096000 kB\n")
    assert available_megabytes(tmp_path / "meminfo", tmp_path) == 4000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("0\n")
    assert available_megabytes(tmp_path / "meminfo", tmp_path) == 4000
    (tmp_path / "memory.max").write_text(f"{3 * 1024**3}\n")
    (tmp_path / "memory.current").write_text(f"{1024**3}\n")
    assert available_megabytes(tmp_path / "meminfo", tmp_path) == 2048


def test_unknown_memory_is_no_limit(tmp_path: Path) -> None:
    assert available_megabytes(tmp_path / "none", tmp_path) is None


def test_starts_are_apart_by_the_stagger_until_the_gate_is_opened() -> None:
    waited: list[float] = []
    gate = Gate(5.0, clock=lambda: 100.0, pause=lambda _event, seconds: waited.append(seconds))
    for _ in range(3):
        gate.wait()
    assert waited == [5.0, 10.0]


def test_an_opened_gate_holds_nobody() -> None:
    gate = Gate(3600.0)
    gate.open()
    callers = [threading.Thread(target=gate.wait) for _ in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=10)
    assert not any(caller.is_alive() for caller in callers)
