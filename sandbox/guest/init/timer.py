"""One timer: starts its service after the boot, and again after the last run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from sandbox.guest.init.service import Service
from sandbox.guest.init.units import BadUnit, Unit

MONOTONIC = ("OnBootSec", "OnStartupSec", "OnActiveSec", "OnUnitActiveSec", "OnUnitInactiveSec")
CALENDAR = {"minutely": 60.0, "hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0}


class Timer:
    """Runs at the exact moment; a real one is late by up to AccuracySec, a minute (guest-facts.md 3)."""

    def __init__(self, unit: Unit, service: Callable[[], Service], booted: float) -> None:
        self.unit = unit
        self.state, self.substate, self.result = "inactive", "dead", "success"
        self.since = 0.0
        self.pid = self.code = self.restarts = 0
        self.last: float | None = None
        self.next: float | None = None
        self._booted = booted
        self._service = service
        self._task: asyncio.Task[None] | None = None

    @property
    def service_name(self) -> str:
        """The unit that the timer starts."""
        return self.unit.last("Unit", self.unit.name.removesuffix(".timer") + ".service", "Timer")

    async def start(self) -> bool:
        """Begin to wait. Raises BadUnit for a schedule that the stand-in does not know."""
        if self._task is None:
            self._check()
            self.since = time.time()
            self._task = asyncio.create_task(self._run(time.monotonic()))
            self.state, self.substate = "active", "waiting"
        return True

    async def stop(self) -> None:
        """Stop waiting; a run that began goes on."""
        if self._task:
            self._task.cancel()
        self._task = None
        self.next = None
        self.state, self.substate = "inactive", "dead"

    async def reload(self) -> bool:
        return False

    def _check(self) -> None:
        for value in self.unit.all("OnCalendar", "Timer"):
            if value not in CALENDAR:
                known = ", ".join(CALENDAR)
                raise BadUnit(f"{self.unit.name}: OnCalendar={value}: this stand-in knows {known}")  # noqa: EM102
        if not any(self.unit.all(key, "Timer") for key in (*MONOTONIC, "OnCalendar")):
            raise BadUnit(f"{self.unit.name}: Timer unit lacks value setting. Refusing.")  # noqa: EM102

    async def _run(self, started: float) -> None:
        last: float | None = None
        while True:
            moment = self._moment(started, last)
            if moment is None:
                self.substate, self.next = "elapsed", None
                return
            self.next = time.time() + moment - time.monotonic()
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            last, self.last = time.monotonic(), time.time()
            await self._service().start()

    def _moment(self, started: float, last: float | None) -> float | None:
        """The earliest moment of the monotonic clock that lies after the last run."""
        origins = {"OnBootSec": self._booted, "OnStartupSec": self._booted, "OnActiveSec": started}
        moments = [origin + self._seconds(key) for key, origin in origins.items()]
        if last is not None:
            moments = [moment for moment in moments if moment > last]
            moments += [last + self._seconds(key) for key in ("OnUnitActiveSec", "OnUnitInactiveSec")]
        calendar = [CALENDAR[value] for value in self.unit.all("OnCalendar", "Timer")]
        now = time.time()
        moments += [time.monotonic() + period - now % period for period in calendar]
        return min((moment for moment in moments if moment != float("inf")), default=None)

    def _seconds(self, key: str) -> float:
        return self.unit.seconds(key, float("inf"), "Timer")
