"""Event logs of the real Pulumi CLI 3.260, read as `lab` reads them (tests/lab/data)."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import events
from lab.events import StackEvents
from lab.first_error import NOTHING, first_error
from lab.tail import Tail

DATA = Path(__file__).parent / "data"


def log(name: str) -> StackEvents:
    return events.load(DATA / f"{name}.jsonl")


def test_the_steps_of_a_replacement_are_one_change_with_its_reason() -> None:
    [change] = log("preview_rep").changes.values()
    assert (change.name, change.action, change.replaced_for) == ("machine", "replace", ["region"])
    assert (change.olds["region"], change.news["region"]) == ("NY2", "AMS1")
    assert change.loses_disk


def test_an_update_names_the_properties_that_differ_also_secret_ones() -> None:
    [change] = log("preview_upd").changes.values()
    assert (change.action, change.properties) == ("update", ["size", "startup_script"])
    assert not change.loses_disk


def test_the_stack_and_its_default_providers_are_no_changes() -> None:
    assert log("preview_cre").tally() == {"create": 1}


@pytest.mark.parametrize("name", ["refresh_drift", "preview_drift_only"])
def test_drift_that_a_refresh_finds_is_no_change_of_the_program(name: str) -> None:
    stream = log(name)
    assert stream.tally() == {}
    assert stream.drifted() == {"update": 1}
    assert [change.properties for change in stream.drift.values()] == [["power"]]


def test_outputs_are_known_before_and_after() -> None:
    stream = log("preview_upd")
    assert (stream.outputs_before["monthly_estimate"], stream.outputs["monthly_estimate"]) == (27.5, 29.5)


def test_a_failed_create_is_a_failed_change_with_the_provider_s_own_reason() -> None:
    stream = log("up_create_failed")
    [change] = stream.changes.values()
    assert (change.action, change.failed, change.done) == ("create", True, False)
    assert first_error(stream.errors) == (
        "ValueError: no machine could be had; tried in this order: M4000 in NY2: no capacity"
    )


def test_a_program_s_refusal_is_told_with_its_first_detail() -> None:
    assert first_error(log("preview_program_failed").errors) == (
        'the configuration cannot be used: disk_size = "70": choose one of: 50, 100'
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("error: no stack named 'anna' found", "no stack named 'anna' found"),
        ("update failed\n", NOTHING),
        (
            'Traceback (most recent call last):\n  File "x.py", line 84, in wrapper\n    return fn(self)\n'
            "components.last_archive.NotArchived: the home folder could not be archived: Not a directory\n"
            "Fix: run it again\n",
            "NotArchived: the home folder could not be archived: Not a directory",
        ),
        (
            "error: the configuration cannot be used:\n  template:\n    no such template\n",
            "the configuration cannot be used: template: no such template",
        ),
        ("x" * 400, "x" * 299 + "…"),
        ("\n\n", NOTHING),
        (
            "error: the stack is currently locked by 1 lock(s). Either wait",
            "the stack is currently locked by 1 lock(s). Either wait",
        ),
    ],
)
def test_the_first_line_that_says_something_is_the_reason(message: str, expected: str) -> None:
    assert first_error([message]) == expected


def test_a_log_cut_off_by_a_kill_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = (DATA / "preview_rep.jsonl").read_bytes()
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(whole[: len(whole) // 2])
    assert events.load(cut).outputs_before
    assert events.load(tmp_path / "none.jsonl").tally() == {}


def test_a_growing_log_is_read_line_by_line_and_no_line_twice(tmp_path: Path) -> None:
    whole = (DATA / "preview_upd.jsonl").read_bytes()
    path, stream = tmp_path / "log.jsonl", StackEvents()
    tail = Tail(path)
    assert not tail.feed(stream)
    for end in range(0, len(whole), 997):
        path.write_bytes(whole[:end])
        tail.feed(stream)
    path.write_bytes(whole)
    tail.feed(stream)
    assert stream == log("preview_upd")
