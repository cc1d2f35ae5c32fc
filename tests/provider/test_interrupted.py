"""kill -9 at every single request, before and after its effect: the next run finishes the work.

A killed process sends nothing more, so no clean-up of its own runs; the state stays as it was before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from provider import adoption, kept_addresses
from provider.answers import Answer
from provider.client import Json, PaperspaceClient
from tests.provider.life import Life

CHANGE: dict[str, Any] = {
    "name": "fastai-eve",
    "disk_size": 100,
    "public_ip_type": "dynamic",
    "startup_script": "#!/bin/sh\nfalse\n",
}
MOST_REQUESTS = 40


class Killed(BaseException):
    """The end of the process: no handler of the product sees more of it than kill -9 would let it."""


class DyingClient(PaperspaceClient):
    """Sends `lifetime` requests; the next one kills it, before or after its effect."""

    def __init__(self, life: Life, lifetime: int, *, after_effect: bool) -> None:
        super().__init__(life.sandbox.api_key, life.sandbox.url)
        self._left = lifetime
        self._after_effect = after_effect

    def _exchange(self, method: str, path: str, query: Json | None, body: Json | None) -> Answer:
        self._left -= 1
        if self._left >= 0:
            return super()._exchange(method, path, query, body)
        if self._left == -1 and self._after_effect:
            super()._exchange(method, path, query, body)
        raise Killed


def survives(life: Life, lifetime: int, after_effect: bool, operation: Callable[[], object]) -> bool:
    """Runs the operation with a process that dies; whether it ended before that."""
    patient = life.client
    with DyingClient(life, lifetime, after_effect=after_effect) as dying:
        life.client = dying
        try:
            operation()
        except Killed:
            return False
        finally:
            life.client = patient
            adoption.forget_all()
    return True


@pytest.mark.parametrize("after_effect", [False, True])
def test_create_killed_at_any_request_ends_with_one_machine(after_effect: bool, life: Life) -> None:
    for lifetime in range(MOST_REQUESTS):
        finished = survives(life, lifetime, after_effect, life.create)
        life.create()
        life.assert_world_is_as_state_says()
        life.delete_in_a_new_process()
        life.assert_world_is_as_state_says()
        if finished:
            return
    pytest.fail("create never ended")


@pytest.mark.parametrize(("after_effect", "refreshed"), [(False, True), (True, False), (True, True)])
def test_update_killed_at_any_request_is_finished_by_the_next(
    after_effect: bool, refreshed: bool, life: Life
) -> None:
    for lifetime in range(MOST_REQUESTS):
        life.create()
        finished = survives(life, lifetime, after_effect, lambda: life.update(**CHANGE))
        if refreshed:
            life.refresh()
        life.update(**CHANGE)
        life.assert_world_is_as_state_says()
        life.delete_in_a_new_process()
        life.assert_world_is_as_state_says()
        if finished:
            return
    pytest.fail("update never ended")


@pytest.mark.parametrize("after_effect", [False, True])
def test_delete_killed_at_any_request_is_finished_by_the_next(after_effect: bool, life: Life) -> None:
    for lifetime in range(MOST_REQUESTS):
        life.create()
        finished = survives(life, lifetime, after_effect, life.delete)
        if finished:
            return
        life.delete()
        life.assert_world_is_as_state_says()
    pytest.fail("delete never ended")


@pytest.mark.parametrize("destroyed", [False, True])
@pytest.mark.parametrize("after_effect", [False, True])
def test_a_kept_address_is_moved_by_the_next_or_released_with_the_machine(
    after_effect: bool, destroyed: bool, life: Life
) -> None:
    for lifetime in range(MOST_REQUESTS):
        ip = life.replace_and_keep_address()
        finished = survives(life, lifetime, after_effect, partial(life.take_over, ip))
        if not destroyed:
            life.take_over(ip)
            assert life.addresses == {ip: life.id}
        kept_addresses.release_abandoned(life.client, ip)
        life.delete_in_a_new_process()
        life.assert_world_is_as_state_says()
        if finished:
            return
    pytest.fail("the move never ended")


def test_a_kept_address_of_another_region_is_given_back(life: Life) -> None:
    ip = life.replace_and_keep_address(regions=["AMS1"])
    own = life.outputs["public_ip"]
    assert life.take_over(ip) == own
    assert life.addresses == {own: life.id}
    assert "cannot go to machine" in life.time.warned[-1]
