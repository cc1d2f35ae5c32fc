"""DELETE /machines/{id}: readable for a while, then gone with its snapshots (paperspace-api.md 1.5)."""

from __future__ import annotations

from sandbox.paperspace.state import machine_events, machines, snapshots, startup_scripts, transitions
from sandbox.paperspace.state.errors import BadRequest
from sandbox.paperspace.state.machine_events import MachineEvent
from sandbox.paperspace.state.machines import Machine
from sandbox.paperspace.state.public_ips import unassign_all
from sandbox.paperspace.state.transitions import Transition
from sandbox.paperspace.state.world import World, atomic


@atomic
def delete(world: World, machine_id: str) -> tuple[MachineEvent, Machine]:
    """Cancels whatever was going on. Raises NotFound, Conflict, BadRequest where it must be off first."""
    machine = machines.changeable(world, machine_id)
    if machine.state != "off" and not world.settings.delete_while_running:
        message = f"The machine must be off to be deleted. This machine is currently {machine.state}."
        raise BadRequest(message)
    transitions.cancel(world, machine_id)
    state = "off" if machine.state == "off" else "stopping"
    machine = machines.change(world, machine, state=state, is_being_deleted=True)
    return transitions.announce(world, "deactivate", "delete", machine_id, world.settings.delete), machine


@atomic
def conclude(world: World, transition: Transition) -> None:
    """Nothing is left but the static address, unassigned, and the events."""
    if not transitions.take(world, transition):
        return
    machine_id = transition.machine_id
    snapshots.remove_all(world, machine_id)
    startup_scripts.unassign_all(world, machine_id)
    unassign_all(world, machine_id)
    machines.remove(world, machine_id)
    machine_events.finish(world, transition.event_id)
