"""The sandbox's time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch; stands still when `manual`, and can be moved on in any case."""

    def __init__(self, *, manual: bool, now: float | None = None) -> None:
        self._frozen_at = (now or time.time()) if manual else None
        self._ahead = 0.0 if manual or now is None else max(0.0, now - time.time())

    @property
    def manual(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> float:
        return (time.time() if self._frozen_at is None else self._frozen_at) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def date_time(self) -> str:
        """Now, as the API writes a date-time."""
        moment = datetime.fromtimestamp(self.now(), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
