"""When the class meets: on which weekdays, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Switch = Literal["start", "stop"]
LEAD_MINUTES = 15


class Lesson(BaseModel):
    """Local times. Machines are to be ready at `begins`, so they are started `lead_minutes` before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    begins: time
    ends: time
    lead_minutes: Annotated[int, Field(ge=0, le=120)] = LEAD_MINUTES

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> Lesson:
        if self.ends <= self.begins:
            message = (
                f"ends {self.ends:%H:%M} is not after begins {self.begins:%H:%M}; a lesson is within a day"
            )
            raise ValueError(message)
        return self

    def moments(self, day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
        """(when machines are to start, when they are to stop) on that day."""
        begins = datetime.combine(day, self.begins, zone) - timedelta(minutes=self.lead_minutes)
        return begins, datetime.combine(day, self.ends, zone)


def due(lessons: Sequence[Lesson], now: datetime, minutes: int) -> Switch | None:
    """What the last `minutes` before `now` (with its zone) asked for; a start outweighs another's end."""
    found: list[Switch] = []
    for lesson in lessons:
        for day in (now.date(), now.date() + timedelta(days=1)):
            if WEEKDAYS[day.weekday()] not in lesson.days:
                continue
            begins, ends = lesson.moments(day, now.tzinfo)
            found += ["start"] if is_due(begins, now, minutes) else []
            found += ["stop"] if is_due(ends, now, minutes) and not is_on(lessons, now) else []
    return min(found, default=None)


def is_due(moment: datetime, now: datetime, minutes: int) -> bool:
    """Compared as instants, so that a night when the clock changes is right too."""
    passed = now.astimezone(UTC) - moment.astimezone(UTC)
    return timedelta(0) <= passed < timedelta(minutes=minutes)


def is_on(lessons: Sequence[Lesson], now: datetime) -> bool:
    """Whether some lesson wants machines at `now`: its end does not stop those of the next."""
    for lesson in lessons:
        begins, ends = lesson.moments(now.date(), now.tzinfo)
        if WEEKDAYS[now.weekday()] in lesson.days and begins <= now < ends:
            return True
    return False
