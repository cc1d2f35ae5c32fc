"""Jobs for many students: bounded, in order, none stopped by another's failure, all told of Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading

from lab import jobs
from lab.errors import LabError
from lab.events import StackEvents
from lab.run_result import Result
from tests.waiting import GIVE_UP_SECONDS


class Heard:
    """A reporter that remembers."""

    def __init__(self) -> None:
        self.finished_ones: list[str] = []
        self.was_interrupted = threading.Event()

    def started(self, student: str) -> None: ...

    def moved(self, student: str, stream: StackEvents) -> None: ...

    def finished(self, result: Result) -> None:
        self.finished_ones.append(result.student)

    def interrupted(self, note: str) -> None:
        self.was_interrupted.set()


def succeeding(student: str) -> Result:
    return Result(student, "archive", "succeeded", note="2 files")


def failing() -> Result:
    message = "the disk is full"
    raise LabError(message)


def test_a_failure_is_that_students_alone_and_the_results_keep_their_order() -> None:
    heard = Heard()
    todo = {"bob": failing, "anna": lambda: succeeding("anna"), "carl": lambda: succeeding("carl")}
    results = jobs.run_all("archive", todo, 2, heard)
    assert [(r.student, r.outcome, r.error) for r in results] == [
        ("bob", "failed", "the disk is full"),
        ("anna", "succeeded", ""),
        ("carl", "succeeded", ""),
    ]
    assert sorted(heard.finished_ones) == ["anna", "bob", "carl"]


def test_after_ctrl_c_the_running_job_finishes_and_no_other_begins() -> None:
    heard, begun = Heard(), []

    def first() -> Result:
        os.kill(os.getpid(), signal.SIGINT)
        assert heard.was_interrupted.wait(GIVE_UP_SECONDS)
        return succeeding("anna")

    def second() -> Result:
        begun.append("bob")
        return succeeding("bob")

    results = jobs.run_all("archive", {"anna": first, "bob": second}, 1, heard)
    assert [(r.student, r.outcome) for r in results] == [("anna", "succeeded"), ("bob", "interrupted")]
    assert begun == []
