"""Bounded waiting: quick looks first, then slower ones, and never past a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from provider.errors import (
    EffectUnknown,
    NotDelivered,
    PaperspaceError,
    RateLimited,
    ServerError,
    WaitTimeout,
)

FIRST_PAUSE = 0.25
GROWTH = 1.1
LONGEST_PAUSE = 10.0
SECONDS_BETWEEN_REPORTS = 15.0

PASSING = (EffectUnknown, NotDelivered, RateLimited, ServerError)
"""A look that fails like this says nothing about the thing looked at: look again until the deadline."""

T = TypeVar("T")


def silent(_text: str) -> None:
    """Reports to nobody."""


@dataclass(frozen=True)
class Waiter:
    """How to pause, tell the time (seconds, monotonic) and talk to a person.

    `report`: what happened. `progress`: what is waited for, worth no memory. `warn`: what deserves a thought.
    """

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    report: Callable[[str], None] = silent
    progress: Callable[[str], None] = silent
    warn: Callable[[str], None] = silent

    def until(
        self,
        look: Callable[[], T],
        done: Callable[[T], bool],
        *,
        state: Callable[[T], str],
        subject: str,
        goal: str,
        seconds: float,
    ) -> T:
        """The first result of `look` that is `done`.

        `subject` names the thing with its id. Raises WaitTimeout with the last state after `seconds`.
        What `look` and `done` raise passes through, but for failures of the look itself (PASSING).
        """
        started, last_state, progress = self.clock(), "unknown", _Progress(self, subject, goal)
        for pause in pauses():
            result = _attempted(look)
            if not isinstance(result, PaperspaceError):
                last_state = state(result)
                if done(result):
                    return result
            elapsed = self.clock() - started
            if elapsed >= seconds:
                raise WaitTimeout(subject, goal, last_state, elapsed)
            progress.tell(last_state, elapsed)
            self.sleep(min(seconds - elapsed, max(pause, _asked(result))))
        raise AssertionError(subject)


def pauses(first: float = FIRST_PAUSE) -> Iterator[float]:
    """Seconds between looks, without end."""
    pause = first
    while True:
        yield pause
        pause = min(LONGEST_PAUSE, pause * GROWTH)


class _Progress:
    def __init__(self, waiter: Waiter, subject: str, goal: str) -> None:
        self._waiter, self._subject, self._goal = waiter, subject, goal
        self._told: tuple[str, float] | None = None

    def tell(self, state: str, elapsed: float) -> None:
        """One line for each new state, and one now and then while nothing changes."""
        if self._told and self._told[0] == state and elapsed - self._told[1] < SECONDS_BETWEEN_REPORTS:
            return
        self._told = (state, elapsed)
        self._waiter.progress(f"{self._subject}: {state}, waiting for {self._goal} ({elapsed:.0f} s)")


def _attempted(look: Callable[[], T]) -> T | PaperspaceError:
    try:
        return look()
    except PASSING as failure:
        return failure


def _asked(result: object) -> float:
    return (result.retry_after or 0.0) if isinstance(result, PaperspaceError) else 0.0
