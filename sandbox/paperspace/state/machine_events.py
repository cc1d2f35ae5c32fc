"""Machine events: the progress of everything asynchronous (paperspace-api.md 1.2, 1.3)."""

from __future__ import annotations

from typing import Literal

from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.world import World, atomic

EventName = Literal[
    "create",
    "deactivate",
    "restart",
    "snapshot-create",
    "snapshot-delete",
    "snapshot-restore",
    "start",
    "stop",
    "template-create",
    "vm-upgrade",
]
EventState = Literal["new", "in progress", "done", "error", "cancelled"]


class MachineEvent(Record):
    id: str
    name: EventName
    state: EventState
    machine_id: str | None
    dt_created: str
    dt_started: str | None = None
    dt_finished: str | None = None
    error: str | None = None


def _table(world: World) -> Table[MachineEvent]:
    return world.table("machine_events", MachineEvent, "Machine event")


def begin(world: World, event_id: str, name: EventName, machine_id: str | None) -> MachineEvent:
    """The event as the answer shows it, `new`; whoever reads it later finds it `in progress`."""
    now = world.clock.date_time()
    event = MachineEvent(id=event_id, name=name, state="new", machine_id=machine_id, dt_created=now)
    started = event.model_copy(update={"state": "in progress", "dt_started": now})
    _table(world).put(event_id, started)
    return event


def finish(world: World, event_id: str | None, state: EventState = "done", error: str | None = None) -> None:
    """Ends the event, if there is one and it has not ended."""
    event = _table(world).find(event_id) if event_id else None
    if event is None or event.dt_finished:
        return
    if state == "done" and world.settings.events_end_in_error_without_text:
        state = "error"
    ended = {"state": state, "dt_finished": world.clock.date_time(), "error": error}
    _table(world).put(event.id, event.model_copy(update=ended))


@atomic
def get(world: World, event_id: str) -> MachineEvent:
    """Raises NotFound."""
    return _table(world).get(event_id)


@atomic
def page(world: World, query: PageQuery, machine_id: str | None = None) -> Page[MachineEvent]:
    rows = [row for row in _table(world).rows() if machine_id in (None, row.record.machine_id)]
    return page_of(rows, query, lambda event: event.dt_created, world.settings.page_size)
