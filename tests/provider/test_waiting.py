"""Waits are bounded, quick at first, and say what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from provider.answers import Answer, error_of
from provider.errors import NotFound, ReplyLost, WaitTimeout
from provider.waiting import LONGEST_PAUSE
from tests.provider.fake_time import FakeTime


def looks(results: Iterable[str | Exception]) -> Callable[[], str]:
    following = iter(results)

    def look() -> str:
        result = next(following)
        if isinstance(result, Exception):
            raise result
        return result

    return look


def wait(time: FakeTime, look: Callable[[], str], seconds: float = 100.0) -> str:
    return time.waiter().until(
        look, lambda state: state == "ready", state=str, subject="machine ps1", goal="ready", seconds=seconds
    )


def test_pauses_grow_from_a_quarter_second_to_ten() -> None:
    time = FakeTime()
    wait(time, looks([*["starting"] * 50, "ready"]), seconds=600.0)
    assert time.slept[:3] == pytest.approx([0.25, 0.275, 0.3025])
    assert max(time.slept) == LONGEST_PAUSE == 10.0


def test_a_timeout_names_id_last_state_and_seconds() -> None:
    time = FakeTime()
    with pytest.raises(WaitTimeout, match="machine ps1 is still 'starting' after 60 s of waiting for ready"):
        wait(time, looks(["provisioning", *["starting"] * 99]), seconds=60.0)
    assert time.now == pytest.approx(60.0)


def test_states_that_nobody_knows_yet_are_waited_through() -> None:
    assert wait(FakeTime(), looks(["warping", "ready"])) == "ready"


def test_a_look_that_failed_says_nothing_and_is_repeated() -> None:
    limited = error_of(Answer("GET", "/machines/ps1", 429, {"Retry-After": "30"}, ""), None)
    broken = error_of(Answer("GET", "/machines/ps1", 500, {}, ""), None)
    time = FakeTime()
    assert wait(time, looks([limited, broken, ReplyLost("cut"), "ready"])) == "ready"
    assert time.slept[0] == 30.0


def test_an_api_that_never_answers_ends_in_the_timeout() -> None:
    with pytest.raises(WaitTimeout, match="still 'unknown'"):
        wait(FakeTime(), looks([ReplyLost("cut")] * 99))


def test_what_is_gone_is_not_waited_for() -> None:
    with pytest.raises(NotFound):
        wait(FakeTime(), looks([error_of(Answer("GET", "/machines/ps1", 404, {}, ""), None)]))


def test_progress_is_told_for_each_new_state_and_now_and_then() -> None:
    time = FakeTime()
    wait(time, looks([*["provisioning"] * 5, *["starting"] * 30, "ready"]))
    assert time.progress[0] == "machine ps1: provisioning, waiting for ready (0 s)"
    assert sum("starting" in line for line in time.progress) >= 2
    assert len(time.progress) < 12
