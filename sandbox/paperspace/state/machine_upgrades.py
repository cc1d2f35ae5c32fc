"""The end of a resize: the new hardware, and the machine is off again."""

from __future__ import annotations

from sandbox.paperspace.state import machine_events, machines, transitions
from sandbox.paperspace.state.machine_creation import hardware, storage
from sandbox.paperspace.state.machine_types import MACHINE_TYPES
from sandbox.paperspace.state.transitions import Transition
from sandbox.paperspace.state.world import World, atomic


@atomic
def conclude(world: World, transition: Transition) -> None:
    if not transitions.take(world, transition):
        return
    machine, wanted = machines.get(world, transition.machine_id), transition.details
    kind = hardware(MACHINE_TYPES[wanted["machine_type"]]) if "machine_type" in wanted else {}
    disk = storage(wanted["disk_size"]) if "disk_size" in wanted else {}
    machines.change(world, machine, state="off", **kind, **disk)
    machine_events.finish(world, transition.event_id)
