"""Retry-After, and how long all of it may take."""

from __future__ import annotations

import datetime as dt

import pytest

from provider.answers import Answer, error_of, retry_after
from provider.retrying import LONGEST_RETRY_AFTER, backoff


def rate_limited(header: str | None) -> Exception:
    headers = {} if header is None else {"Retry-After": header}
    return error_of(Answer("POST", "/machines", 429, headers, ""), None)


def test_the_api_decides_how_long_to_wait() -> None:
    assert backoff("POST")(rate_limited("17")) == 17.0


def test_without_a_wish_of_the_api_the_pauses_are_our_own() -> None:
    assert backoff("POST")(rate_limited(None)) is True


def test_a_wish_beyond_the_bound_is_reported_not_waited_for_nor_ignored() -> None:
    assert backoff("GET")(rate_limited(str(LONGEST_RETRY_AFTER + 1))) is False


def test_retry_after_may_be_a_date() -> None:
    now = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
    assert retry_after("Mon, 23 Nov 2026 09:01:00 GMT", now) == 60


@pytest.mark.parametrize("header", ["soon", "", "Tuesday"])
def test_a_retry_after_that_says_nothing_is_none(header: str) -> None:
    assert retry_after(header) is None


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0100"])
def test_a_date_in_the_past_means_now(zone: str) -> None:
    assert retry_after(f"Wed, 21 Oct 2015 07:28:00 {zone}") == 0.0
