"""What is going to happen to a machine: rows that come due by the clock or by being read (models.md 3)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

from pydantic import Field

from sandbox.paperspace.state import machine_events
from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.identifiers import new_id
from sandbox.paperspace.state.machine_events import EventName, MachineEvent
from sandbox.paperspace.state.world import World, atomic

Kind = Literal[
    "boot",
    "provision-off",
    "halt",
    "restart",
    "delete",
    "upgrade",
    "readdress",
    "auto-shutdown",
    "snapshot-create",
    "snapshot-delete",
    "snapshot-restore",
    "template-create",
]


class Transition(Record):
    """`due` in seconds of the sandbox's clock, or `reads` left; exactly one is set.

    details: what the transition needs beside the machine, as the id of a snapshot.
    """

    id: str
    kind: Kind
    machine_id: str
    event_id: str | None = None
    due: float | None = None
    reads: int | None = None
    details: dict[str, Any] = Field(default_factory=dict)

    def is_due(self, now: float) -> bool:
        return self.reads == 0 if self.due is None else self.due <= now


def _table(world: World) -> Table[Transition]:
    return world.table("transitions", Transition, "Transition")


def announce(
    world: World, name: EventName, kind: Kind, machine_id: str, delay: float, **details: Any
) -> MachineEvent:
    """Begins an event whose end is one transition away."""
    event = machine_events.begin(world, new_id("event"), name, machine_id)
    schedule(world, kind, machine_id, delay, event_id=event.id, **details)
    return event


def schedule(
    world: World, kind: Kind, machine_id: str, delay: float, event_id: str | None = None, **details: Any
) -> None:
    """`delay` seconds from now, or as many reads as the settings say."""
    by_reads = world.settings.clock == "reads" and kind != "auto-shutdown"
    transition = Transition(
        id=new_id("event"),
        kind=kind,
        machine_id=machine_id,
        event_id=event_id,
        due=None if by_reads else world.clock.now() + delay,
        reads=world.settings.reads if by_reads else None,
        details=details,
    )
    _table(world).put(transition.id, transition)


@atomic
def count_read(world: World, *, machine_ids: Collection[str] = (), event_id: str | None = None) -> bool:
    """Counts a read of machines or of an event; whether that brought a transition nearer."""
    counted = False
    for transition in _table(world).all():
        if transition.reads and (transition.machine_id in machine_ids or transition.event_id == event_id):
            _table(world).put(transition.id, transition.model_copy(update={"reads": transition.reads - 1}))
            counted = True
    return counted


def make_due(world: World, event_id: str) -> None:
    """The event's transition is due now, by any clock."""
    for transition in _table(world).all():
        if transition.event_id == event_id:
            due = {"due": world.clock.now(), "reads": None}
            _table(world).put(transition.id, transition.model_copy(update=due))


@atomic
def pending(world: World) -> list[Transition]:
    """In the order in which they were scheduled."""
    return _table(world).all()


@atomic
def is_pending(world: World, transition: Transition) -> bool:
    return _table(world).find(transition.id) is not None


def take(world: World, transition: Transition) -> bool:
    """Takes the transition off the list; False when it was cancelled while it was being performed."""
    there = _table(world).find(transition.id) is not None
    _table(world).remove(transition.id)
    return there


def cancel(world: World, machine_id: str, kinds: Collection[Kind] | None = None) -> None:
    """Cancels what is pending for the machine, with its events."""
    for transition in _table(world).all():
        if transition.machine_id == machine_id and (kinds is None or transition.kind in kinds):
            take(world, transition)
            machine_events.finish(world, transition.event_id, "cancelled")
