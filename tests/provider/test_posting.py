"""A POST whose reply was lost is looked up, several times, before it is sent a second and last time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from provider.errors import PaperspaceError, ReplyLost
from provider.posting import LOOKS, post_once
from tests.provider.fake_time import FakeTime


def posts(*results: str | Exception) -> tuple[Callable[[], str], list[int]]:
    following, sent = iter(results), []

    def post() -> str:
        sent.append(1)
        result = next(following)
        if isinstance(result, Exception):
            raise result
        return result

    return post, sent


def test_a_reply_that_arrives_needs_no_look() -> None:
    post, sent = posts("made")
    assert post_once(post, lambda: pytest.fail("looked"), FakeTime().waiter()) == "made"
    assert len(sent) == 1


def test_what_a_lost_post_made_is_found_and_not_made_again() -> None:
    post, sent = posts(ReplyLost("cut"))
    looks = iter([None, None, "found"])
    time = FakeTime()
    assert post_once(post, lambda: next(looks), time.waiter()) == "found"
    assert len(sent) == 1
    assert time.slept == list(LOOKS)
    assert "looking whether it had its effect" in time.said[0]


def test_only_after_looks_in_vain_it_is_sent_once_more() -> None:
    post, sent = posts(ReplyLost("cut"), "made")
    assert post_once(post, lambda: None, FakeTime().waiter()) == "made"
    assert len(sent) == 2


def test_a_second_loss_is_looked_up_too_and_then_reported() -> None:
    post, sent = posts(ReplyLost("first"), ReplyLost("second"))
    with pytest.raises(ReplyLost, match="second"):
        post_once(post, lambda: None, FakeTime().waiter())
    assert len(sent) == 2


def test_a_refusal_is_final() -> None:
    post, sent = posts(PaperspaceError("no"))
    with pytest.raises(PaperspaceError, match="no"):
        post_once(post, lambda: pytest.fail("looked"), FakeTime().waiter())
    assert len(sent) == 1
