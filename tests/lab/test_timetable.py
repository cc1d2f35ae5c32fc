"""When the class's machines are switched, by the timetable alone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lab import timetable
from lab.timetable import Lesson

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = Lesson.model_validate({"days": ["mon", "wed"], "begins": "10:00", "ends": "12:00"})
NOON = Lesson.model_validate({"days": ["mon"], "begins": "12:10", "ends": "13:00"})


def due(at: str, *lessons: Lesson, minutes: int = 15) -> str | None:
    return timetable.due(lessons or (MORNING,), datetime.fromisoformat(at).replace(tzinfo=BERLIN), minutes)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T09:44", None),
        ("2026-11-23T09:45", "start"),
        ("2026-11-23T09:59", "start"),
        ("2026-11-23T10:00", None),
        ("2026-11-23T11:59", None),
        ("2026-11-23T12:00", "stop"),
        ("2026-11-23T12:14", "stop"),
        ("2026-11-23T12:15", None),
        ("2026-11-24T10:00", None),
    ],
)
def test_machines_are_switched_only_at_the_lessons_edges(at: str, expected: str | None) -> None:
    assert due(at) == expected


def test_whatever_the_minute_of_the_call_each_edge_is_met_once() -> None:
    for offset in range(15):
        minutes = [offset + 15 * n for n in range(24 * 4)]
        found = [due(f"2026-11-23T{m // 60:02}:{m % 60:02}") for m in minutes if m < 24 * 60]
        assert [each for each in found if each] == ["start", "stop"]


def test_the_end_of_one_lesson_does_not_stop_the_next() -> None:
    assert due("2026-11-23T12:00", MORNING, NOON) == "start"
    assert due("2026-11-23T12:12", MORNING, NOON) is None


def test_a_lesson_just_after_midnight_starts_the_evening_before() -> None:
    early = Lesson.model_validate({"days": ["tue"], "begins": "00:05", "ends": "01:00"})
    assert due("2026-11-23T23:55", early) == "start"


def test_the_night_the_clock_goes_back_is_no_hour_off() -> None:
    sunday = Lesson.model_validate({"days": ["sun"], "begins": "09:00", "ends": "11:00"})
    assert due("2026-10-25T08:45", sunday) == "start"
    assert due("2026-10-25T11:00", sunday) == "stop"
