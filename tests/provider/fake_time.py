"""A clock that only moves when somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable

from provider.waiting import Waiter


class FakeTime:
    """`slept` holds every pause in seconds; `said`, `progress` and `warned` every line."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.said: list[str] = []
        self.progress: list[str] = []
        self.warned: list[str] = []
        self.on_sleep: Callable[[float], None] = lambda _seconds: None

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.on_sleep(seconds)

    def clock(self) -> float:
        return self.now

    def waiter(self) -> Waiter:
        return Waiter(self.sleep, self.clock, self.said.append, self.progress.append, self.warned.append)
