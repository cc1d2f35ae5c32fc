"""One job a student, a bounded number at once; one that fails stops none of the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lab.errors import LabError
from lab.first_error import first_error
from lab.interrupts import as_they_end, interruptible
from lab.outputs import StackNotUp
from lab.run_result import Result
from lab.stack_run import NOT_STARTED
from lab.stacks import Gate, Reporter

WAITING = "Interrupted: those under way finish first, no other is begun."


def run_all(
    operation: str,
    jobs: Mapping[str, Callable[[], Result]],
    parallel: int,
    reporter: Reporter,
    gate: Gate | None = None,
) -> list[Result]:
    """The results in the jobs' order, by student. What a student's job raises is that student's failure.

    Ctrl-C: jobs under way finish, the others end as interrupted. gate: at which jobs wait for their turn.
    """
    stopped = threading.Event()

    def one(student: str) -> Result:
        if stopped.is_set():
            return Result(student, operation, "interrupted", NOT_STARTED)
        reporter.started(student)
        try:
            return jobs[student]()
        except (LabError, StackNotUp, OSError) as failure:
            return Result(student, operation, "failed", first_error([str(failure)]))

    def stop() -> None:
        stopped.set()
        if gate:
            gate.open()
        reporter.interrupted(WAITING)

    results: dict[str, Result] = {}
    with ThreadPoolExecutor(max_workers=max(1, parallel)) as pool, interruptible(stop):
        for future in as_they_end([pool.submit(timed, one, student) for student in jobs]):
            result = future.result()
            results[result.student] = result
            reporter.finished(result)
    return [results[student] for student in jobs]


def timed(one: Callable[[str], Result], student: str) -> Result:
    began = time.monotonic()
    result = one(student)
    return result if result.seconds else replace(result, seconds=round(time.monotonic() - began, 3))
