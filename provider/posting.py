"""POST without a blind repeat: whatever a lost reply leaves open is looked up first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from provider.errors import EffectUnknown, PaperspaceError, ServerError
from provider.waiting import Waiter

LOOKS = (1.0, 2.0, 4.0)
"""Seconds before each look for what a lost POST may have made."""

T = TypeVar("T")


def post_once(post: Callable[[], T], look: Callable[[], T | None], waiter: Waiter) -> T:
    """What `post` made, be its reply lost or not.

    `look` finds by name what an earlier POST made, or None. Only after several looks in vain is the POST sent
    a second and last time; where that fails too, its error is raised.
    """
    try:
        return post()
    except (EffectUnknown, ServerError) as lost:
        waiter.report(f"{lost}; looking whether it had its effect")
        found = _look_several_times(look, waiter)
    if found is not None:
        return found
    return _last_post(post, look, waiter)


def _last_post(post: Callable[[], T], look: Callable[[], T | None], waiter: Waiter) -> T:
    failure: PaperspaceError
    try:
        return post()
    except (EffectUnknown, ServerError) as lost:
        failure = lost
    found = _look_several_times(look, waiter)
    if found is None:
        raise failure
    return found


def _look_several_times(look: Callable[[], T | None], waiter: Waiter) -> T | None:
    for pause in LOOKS:
        waiter.sleep(pause)
        found = look()
        if found is not None:
            return found
    return None
