"""When the class's machines are switched, by the timetable alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lab import clock, lesson_record, timetable
from lab.class_file import ClassFile
from lab.errors import LabError
from lab.lesson_record import LessonRecord
from lab.timetable import Lesson
from tests.lab.project_files import make_project

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = Lesson.model_validate({"days": ["mon", "wed"], "begins": "10:00", "ends": "12:00"})
NOON = Lesson.model_validate({"days": ["mon"], "begins": "12:10", "ends": "13:00"})


def due(at: str, *lessons: Lesson, minutes: int = 15) -> str | None:
    now = berlin(at)
    return timetable.due(lessons or (MORNING,), now - timedelta(minutes=minutes), now)


def berlin(at: str) -> datetime:
    return datetime.fromisoformat(at).replace(tzinfo=BERLIN)


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


@pytest.mark.parametrize(
    ("looked", "now", "expected"),
    [
        ("2026-11-23T09:40", "2026-11-23T10:50", "start"),
        ("2026-11-23T09:50", "2026-11-23T10:50", None),
        ("2026-11-23T11:50", "2026-11-23T14:00", "stop"),
        ("2026-11-23T09:40", "2026-11-23T14:00", "stop"),
        ("2026-11-20T09:40", "2026-11-24T08:00", None),
        ("2027-01-01T00:00", "2026-11-23T09:45", "start"),
    ],
    ids=["late start", "seen already", "late stop", "both missed", "too long ago", "a clock that went back"],
)
def test_what_a_late_call_missed_is_made_up_for(looked: str, now: str, expected: str | None) -> None:
    since = LessonRecord(looked=berlin(looked)).since(berlin(now), minutes=15)
    assert timetable.due((MORNING,), since, berlin(now)) == expected


def test_the_record_of_the_last_call_survives_and_a_damaged_one_is_as_none(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    assert lesson_record.load(project) == LessonRecord()
    record = LessonRecord(looked=berlin("2026-11-23T12:00"), switch="stop", again=("anna",))
    lesson_record.save(project, record)
    assert lesson_record.load(project) == record
    lesson_record.path_in(project).write_text("{")
    assert lesson_record.load(project) == LessonRecord()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:45", "2026-11-24T09:45"),
        ("10:30", "2026-11-23T10:30"),
        ("2026-11-23T09:00", "2026-11-23T09:00"),
    ],
)
def test_a_time_of_day_is_the_next_one(text: str, expected: str) -> None:
    assert timetable.next_time(text, berlin("2026-11-23T10:00")) == berlin(expected)


def test_what_is_no_time_is_told_with_an_example() -> None:
    with pytest.raises(LabError, match="--at half past: give a time as in 09:50"):
        clock.moment("half past", ClassFile())


def test_waiting_ends_at_the_moment_also_when_the_computer_slept_meanwhile(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now, slept = berlin("2026-11-23T09:00"), []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += timedelta(minutes=30)

    clock.wait_until(berlin("2026-11-23T09:45"), "start", lambda: now, sleep)
    assert slept == [20.0, 20.0]
    assert "Waiting until Mon 23 Nov 09:45 CET to start" in capsys.readouterr().err
