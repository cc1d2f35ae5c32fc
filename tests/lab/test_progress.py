"""What a person, a log and a program are shown."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from lab import progress
from lab.events import StackEvents
from lab.progress import Lines, LiveTable
from lab.run_result import Result


def ok(student: str, **changes: int) -> Result:
    return Result(student, "up", "succeeded", seconds=1.25, changes=changes)


FAILED = Result("carl", "up", "failed", "no machine [could] be had", 2.0)


def test_a_log_gets_one_line_a_student_without_control_characters() -> None:
    written = io.StringIO()
    with progress.reporter_for("up", 2, Console(file=written)) as reporter:
        assert isinstance(reporter, Lines)
        reporter.started("anna")
        reporter.moved("anna", StackEvents(step="machine: create"))
        reporter.finished(ok("anna", create=1))
        reporter.finished(FAILED)
    assert written.getvalue() == (
        "[1/2] anna: ok  1 created  (1.2 s)\n[2/2] carl: FAILED  no machine [could] be had  (2.0 s)\n"
    )


def test_a_terminal_sees_who_is_at_what_and_a_bar_for_all() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    reporter = LiveTable("up", 3, console)
    reporter.started("anna")
    reporter.moved("anna", StackEvents(step="machine: create"))
    reporter.finished(FAILED)
    with console.capture() as capture:
        console.print(reporter._render())
    shown = capture.get()
    assert "anna" in shown
    assert "machine: create" in shown
    assert "1/3" in shown
    assert "1 failed" in shown


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (ok("anna"), "no changes"),
        (ok("anna", create=2, update=1), "2 created, 1 updated"),
        (Result("anna", "preview", "succeeded", changes={"replace": 1}), "1 to replace"),
        (Result("anna", "refresh", "succeeded"), "in step with the machine"),
        (Result("anna", "refresh", "succeeded", changes={"update": 1}), "1 changed behind Pulumi's back"),
        (Result("anna", "destroy", "absent"), "no stack, nothing to do"),
        (Result("anna", "stop", "succeeded"), "already off"),
        (Result("anna", "start", "succeeded", changes={"update": 1}), "started"),
        (FAILED, "no machine [could] be had"),
    ],
)
def test_a_result_in_words(result: Result, expected: str) -> None:
    assert progress.in_words(result) == expected


def test_the_summary_counts_and_names_who_failed_and_how_to_go_on() -> None:
    told = progress.summary("destroy", [ok("anna"), FAILED, Result("dora", "destroy", "interrupted", "x")])
    assert told.splitlines() == [
        "destroy: 1 ok, 1 failed, 1 stopped",
        "  carl  no machine [could] be had",
        "  dora  x",
        "Again for those: lab destroy carl dora --yes",
    ]
