"""Bad input: all problems at once, each with key, value and fix, and no request."""

from __future__ import annotations

from typing import Any

import pytest

from provider import checks
from provider.unknown import UNKNOWN

GOOD: dict[str, Any] = {
    "name": "fastai-ada",
    "identity": "SHA256:1",
    "machine_types": ["M4000"],
    "regions": ["East Coast (NY2)"],
    "template": "fast.ai",
}


def texts_of(**changes: Any) -> dict[str, str]:
    _, problems = checks.canonical(GOOD | changes)
    return {problem.key: problem.text for problem in problems}


def test_all_problems_are_told_at_once() -> None:
    wrong = texts_of(
        machine_types=["M400"], regions=["NY3"], disk_size=60, power="on", public_ip_type="fixed"
    )
    assert set(wrong) == {"machine_types", "regions", "disk_size", "power", "public_ip_type"}


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("machine_types", ["M400"], "no machine type 'M400'; did you mean 'M4000'?"),
        ("machine_types", [], "[] is no list of at least 1"),
        ("machine_types", "M4000", "'M4000' is no list"),
        ("regions", ["NY3"], "no region 'NY3'; did you mean"),
        (
            "disk_size",
            60,
            "60 GB is not offered; the nearest is 50, choose one of: 50, 100, 250, 500, 1000, 2000",
        ),
        ("disk_size", 50.5, "50.5 is no whole number"),
        ("disk_size", "50", "'50' is no whole number"),
        ("disk_size", True, "True is no whole number"),
        ("public_ip_type", "statik", "did you mean 'static'?"),
        ("power", "runing", "did you mean 'running'?"),
        ("auto_shutdown", {"hours": 12}, "12 hours is not offered; the nearest is 8"),
        ("auto_shutdown", {"hour": 8}, "has no field 'hour'; did you mean 'hours'?"),
        ("auto_shutdown", 8, "8 is no mapping; give {hours, force}"),
        ("auto_snapshot", {"enabled": "yes"}, "'yes' is neither true nor false"),
        ("auto_snapshot", {"enabled": True, "frequency": "dayly"}, "did you mean 'daily'?"),
        ("auto_snapshot", {"enabled": True, "keep": 99}, "99 snapshots cannot be kept; choose 1 to 9"),
        ("name", " ada", "has blanks at an end"),
        ("name", "", "give a string that is not empty"),
        ("startup_script", 7, "a value of type int is no text"),
        ("disk_sise", 50, "is no input of a machine; did you mean 'disk_size'?"),
    ],
)
def test_each_problem_names_value_and_fix(key: str, value: Any, text: str) -> None:
    assert text in texts_of(**{key: value})[key]


@pytest.mark.parametrize("key", ["name", "identity", "machine_types", "regions", "template"])
def test_what_is_missing_is_named(key: str) -> None:
    _, problems = checks.canonical({name: value for name, value in GOOD.items() if name != key})
    assert [(problem.key, problem.text) for problem in problems] == [(key, "is missing")]


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("regions", ["ny2", "NY2", "ams1"], ["East Coast (NY2)", "Europe (AMS1)"]),
        ("machine_types", ["gpu+", "M4000"], ["M4000"]),
        ("disk_size", 100.0, 100),
        ("auto_snapshot", {"enabled": False, "keep": 3.0}, {"enabled": False}),
        ("auto_snapshot", {"enabled": True}, {"enabled": True, "frequency": "daily", "keep": 1}),
        ("auto_shutdown", {"hours": 0.0, "force": True}, {"hours": 0, "force": False}),
        ("auto_shutdown", {"hours": 24.0}, {"hours": 24, "force": False}),
        ("startup_script", "", ""),
    ],
)
def test_values_are_kept_in_one_spelling(key: str, given: Any, kept: Any) -> None:
    inputs, problems = checks.canonical(GOOD | {key: given})
    assert problems == []
    assert inputs[key] == kept
    assert checks.canonical(inputs)[0] == inputs


def test_unknown_values_are_neither_checked_nor_changed() -> None:
    unknown = {
        "startup_script": UNKNOWN,
        "regions": ["nowhere", UNKNOWN],
        "auto_shutdown": {"hours": UNKNOWN},
    }
    inputs, problems = checks.canonical(GOOD | unknown)
    assert problems == []
    assert {key: inputs[key] for key in unknown} == unknown


def test_values_that_are_not_set_are_left_out() -> None:
    inputs, problems = checks.canonical(GOOD | {"network": None, "adopt": None})
    assert problems == []
    assert inputs.keys() == GOOD.keys()


def test_a_disk_cannot_shrink_and_the_text_says_what_to_do() -> None:
    [problem] = checks.changes_refused({"disk_size": 100.0}, {"disk_size": 50})
    assert problem.key == "disk_size"
    assert "from 100 GB to 50 GB" in problem.text
    assert "Set disk_size back to 100, or archive" in problem.text


@pytest.mark.parametrize("after", [100, 250, UNKNOWN, None])
def test_a_disk_may_stay_or_grow(after: Any) -> None:
    assert checks.changes_refused({"disk_size": 100.0}, {"disk_size": after}) == []


def test_a_machine_cannot_be_adopted_beside_the_present_one() -> None:
    [problem] = checks.changes_refused(GOOD, GOOD | {"adopt": "ps1"})
    assert "remove `adopt`" in problem.text
    assert checks.changes_refused({}, GOOD | {"adopt": "ps1"}) == []
    assert checks.changes_refused(GOOD | {"adopt": "ps1"}, GOOD) == []
