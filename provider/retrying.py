"""Which failure of which method may be repeated, and after how many seconds.

method            repeated on
POST              429, and a connection that was never made: nothing else proves that it had no effect
PATCH             the same; who changes the power reads the state first, then decides (power.py)
GET, PUT, DELETE  429, 502, 503, 504, HTML pages, cut-off answers, broken connections
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from provider.errors import EffectUnknown, NotDelivered, PaperspaceError, RateLimited, ServerError

log = logging.getLogger(__name__)

ATTEMPTS = 6
SECONDS_IN_ALL = 120.0
LONGEST_RETRY_AFTER = 120.0
"""A longer Retry-After is not waited for but reported: the student decides."""

PASSING_STATUSES = frozenset({502, 503, 504})
IDEMPOTENT_METHODS = frozenset({"GET", "PUT", "DELETE"})


def may_repeat(method: str, failure: Exception) -> bool:
    """The table above."""
    if isinstance(failure, (NotDelivered, RateLimited)):
        return True
    if method not in IDEMPOTENT_METHODS:
        return False
    if isinstance(failure, ServerError):
        return failure.status in PASSING_STATUSES
    return isinstance(failure, EffectUnknown)


def tell(details: RetryDetails) -> None:
    """One line for each repetition: what failed, and when it is tried again."""
    log.warning("%s; trying again in %.0f s", details.caused_by, details.wait_for)


# stamina's own line names neither the request nor the reason.
set_on_retry_hooks([tell])


def backoff(method: str) -> Callable[[Exception], bool | float]:
    """stamina's hook: False stops, True waits stamina's own time, a number waits that many seconds."""

    def decide(failure: Exception) -> bool | float:
        pause = failure.retry_after if isinstance(failure, PaperspaceError) else None
        if not may_repeat(method, failure) or (pause or 0.0) > LONGEST_RETRY_AFTER:
            return False
        return True if pause is None else pause

    return decide
