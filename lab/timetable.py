"""When the class meets: on which weekdays, from when to when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
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

    def wants_machines(self, now: datetime) -> bool:
        """Whether the machines are to run at `now`, a local time with its zone."""
        begins = datetime.combine(now.date(), self.begins, now.tzinfo) - timedelta(minutes=self.lead_minutes)
        ends = datetime.combine(now.date(), self.ends, now.tzinfo)
        return WEEKDAYS[now.weekday()] in self.days and begins <= now < ends
