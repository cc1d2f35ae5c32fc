"""When the class meets: on which weekdays, from when to when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def due(lessons: Sequence[Lesson], since: datetime, now: datetime) -> Switch | None:
    """What has come due after `since` until `now` (both with their zone), and still holds at `now`.

    Compared as instants, so that a night when the clock changes is right too. The end of one lesson does not
    stop the machines of another.
    """
    begun, ended, is_on = False, False, False
    for begins, ends in moments(lessons, since, now):
        begun = begun or is_between(since, begins, now)
        ended = ended or is_between(since, ends, now)
        is_on = is_on or begins.astimezone(UTC) <= now.astimezone(UTC) < ends.astimezone(UTC)
    if is_on:
        return "start" if begun else None
    return "stop" if ended else None


def moments(lessons: Sequence[Lesson], since: datetime, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Of every lesson from the day of `since` to the day after `now`, for a start may be before midnight."""
    day, last = since.date(), now.date() + timedelta(days=1)
    while day <= last:
        yield from (each.moments(day, now.tzinfo) for each in lessons if WEEKDAYS[day.weekday()] in each.days)
        day += timedelta(days=1)


def is_between(since: datetime, moment: datetime, now: datetime) -> bool:
    return since.astimezone(UTC) < moment.astimezone(UTC) <= now.astimezone(UTC)


def next_time(text: str, now: datetime) -> datetime:
    """The next `HH:MM` from `now` on, or the moment `YYYY-MM-DDTHH:MM`, in the zone of `now`.

    Raises ValueError.
    """
    if "T" in text:
        return datetime.fromisoformat(text).replace(tzinfo=now.tzinfo)
    moment = datetime.combine(now.date(), time.fromisoformat(text), now.tzinfo)
    return moment if moment >= now else moment + timedelta(days=1)
