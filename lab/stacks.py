"""One operation on many students' stacks: bounded in number, none stopped by another's failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab import workspace
from lab.events import StackEvents
from lab.guard import Guard
from lab.interrupts import as_they_end, interruptible
from lab.project import Project, Student
from lab.pulumi_command import Operation, Pulumi
from lab.run_result import Files, Result
from lab.stack_run import Existence, StackRun

WAITING = (
    "Interrupted: {running} not finished; creates under way finish first, so that no machine is lost. "
    "Ctrl-C again ends them at once; the next run finds their machines."
)


class Reporter(Protocol):
    """Hears how the runs go. Called from several threads."""

    def started(self, student: str, /) -> None: ...

    def moved(self, student: str, stream: StackEvents, /) -> None: ...

    def finished(self, result: Result) -> None: ...

    def interrupted(self, note: str, /) -> None: ...


@dataclass(frozen=True)
class Pace:
    """`parallel` runs at once; `stagger` seconds at least between two starts, for the API's rate limit."""

    parallel: int
    stagger: float = 0.0


def run_all(
    pulumi: Pulumi,
    operation: Operation,
    students: Sequence[Student],
    existing: Collection[str] | None,
    folder: Path,
    pace: Pace,
    guard: Guard,
    reporter: Reporter,
) -> list[Result]:
    """The results in the students' order; traces of each run in `folder`.

    `existing`: names of the stacks in the backend; None for previews that do without them.
    Ctrl-C: every running `pulumi` gets one SIGINT and is waited for; the others are not started.
    """
    runs = [StackRun(pulumi, operation, student, Files(folder, student.name), guard) for student in students]
    gate = Gate(pace.stagger)

    def one(run: StackRun) -> Result:
        gate.wait()
        reporter.started(run.student.name)
        return run.run(existence(run.student.name, existing), lambda s: reporter.moved(run.student.name, s))

    results: dict[str, Result] = {}
    with (
        ThreadPoolExecutor(max_workers=max(1, pace.parallel)) as pool,
        interruptible(lambda: interrupt(runs, gate, len(runs) - len(results), reporter)),
    ):
        futures: list[Future[Result]] = [pool.submit(one, run) for run in runs]
        for future in as_they_end(futures):
            result = future.result()
            results[result.student] = result
            reporter.finished(result)
    return [results[student.name] for student in students]


def existence(student: str, existing: Collection[str] | None) -> Existence:
    if existing is None:
        return "not asked"
    return "exists" if student in existing else "absent"


class Gate:
    """Lets one caller through every `seconds`; `open` lets everybody through at once."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._next = 0.0
        self._opened = threading.Event()

    def open(self) -> None:
        self._opened.set()

    @property
    def is_open(self) -> bool:
        return self._opened.is_set()

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            mine = max(now, self._next)
            self._next = mine + self._seconds
        if mine > now:
            self._pause(self._opened, mine - now)


def interrupt(runs: Sequence[StackRun], gate: Gate, remaining: int, reporter: Reporter) -> None:
    gate.open()
    for run in runs:
        run.interrupt()
    reporter.interrupted(WAITING.format(running=remaining))


def stacks_with_resources(project: Project) -> set[str]:
    """Names of stacks that hold something. Raises LabError if they cannot be listed."""
    pulumi = Pulumi.chosen(workspace.of_project(project))
    return {name for name, count in pulumi.stacks().items() if count}
