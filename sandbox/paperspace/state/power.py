"""Start, stop and restart of a machine (paperspace-api.md 1.5)."""

from __future__ import annotations

from sandbox.paperspace.state import machine_events, machines, transitions
from sandbox.paperspace.state.errors import BadRequest
from sandbox.paperspace.state.identifiers import new_id
from sandbox.paperspace.state.machine_events import EventName, MachineEvent
from sandbox.paperspace.state.machines import Machine
from sandbox.paperspace.state.transitions import Transition
from sandbox.paperspace.state.world import World, atomic

Answer = tuple[MachineEvent, Machine]


@atomic
def start(world: World, machine_id: str) -> Answer:
    """Raises NotFound, Conflict, BadRequest when the machine is not off."""
    machine = machines.changeable(world, machine_id)
    if machine.state != "off":
        return _redundant(world, machine, "start", done=machine.state == "ready")
    machine = machines.change(world, machine, state="starting")
    return transitions.announce(world, "start", "boot", machine_id, world.settings.start), machine


@atomic
def stop(world: World, machine_id: str) -> Answer:
    """Raises NotFound, Conflict, BadRequest when the machine is not running."""
    return _stop(world, machine_id, world.settings.stop)


def _stop(world: World, machine_id: str, delay: float) -> Answer:
    machine = machines.changeable(world, machine_id)
    if machine.state != "ready":
        return _redundant(world, machine, "stop", done=machine.state == "off")
    transitions.cancel(world, machine_id, {"auto-shutdown", "readdress", "restart"})
    machine = machines.change(world, machine, state="stopping")
    return transitions.announce(world, "stop", "halt", machine_id, delay), machine


@atomic
def stop_now(world: World, machine_id: str) -> None:
    """A stop that nobody asked for over the API, due at once by any clock. Raises as `stop` does."""
    event, _ = _stop(world, machine_id, 0)
    transitions.make_due(world, event.id)


@atomic
def restart(world: World, machine_id: str) -> Answer:
    """The machine reads `ready` for a while yet. Raises as `stop` does."""
    machine = machines.changeable(world, machine_id)
    if machine.state != "ready" or _is_restarting(world, machine_id):
        return _redundant(world, machine, "restart", done=False)
    event = transitions.announce(world, "restart", "restart", machine_id, world.settings.restart_lag)
    return event, machine


def _is_restarting(world: World, machine_id: str) -> bool:
    known = transitions.pending(world)
    return any(found.machine_id == machine_id and found.kind == "restart" for found in known)


def _redundant(world: World, machine: Machine, name: EventName, *, done: bool) -> Answer:
    """Nothing to do: what is asked for is there (`done`), or the machine is busy."""
    if not (done and world.settings.redundant_power == "no-op"):
        message = f"This machine is currently {machine.state}."
        raise BadRequest(message)
    event = machine_events.begin(world, new_id("event"), name, machine.id)
    machine_events.finish(world, event.id)
    return machine_events.get(world, event.id), machine


def power_lost(world: World, machine: Machine) -> Machine:
    """The machine as it is once its guest has been halted: off, without its dynamic address."""
    transitions.cancel(world, machine.id, {"auto-shutdown", "readdress", "restart"})
    address = machine.public_ip if machine.public_ip_type == "static" else None
    return machines.change(world, machine, state="off", public_ip=address, guest_address=None)


@atomic
def powered_off_inside(world: World, machine_id: str) -> None:
    """`sudo shutdown` on the machine: its state follows the switch (paperspace-api.md 2.4)."""
    machine = machines.find(world, machine_id)
    if machine is None or machine.state != "ready" or machine.is_being_deleted:
        return
    if world.settings.in_guest_poweroff == "becomes-off":
        power_lost(world, machine)


@atomic
def begin_auto_shutdown(world: World, machine_id: str) -> None:
    """Paperspace's own stop after the time-out: nothing on Linux keeps it off (paperspace-api.md 2.5)."""
    machine = machines.find(world, machine_id)
    if machine and machine.state == "ready" and machine.auto_shutdown_enabled:
        stop(world, machine_id)


def plan_auto_shutdown(world: World, machine: Machine) -> None:
    """Counts the time-out from now, if the machine runs and has one."""
    transitions.cancel(world, machine.id, {"auto-shutdown"})
    wanted = machine.auto_shutdown_enabled and machine.auto_shutdown_timeout
    if wanted and machine.state == "ready" and world.settings.auto_shutdown_fires:
        transitions.schedule(world, "auto-shutdown", machine.id, float(wanted) * 3600)


@atomic
def begin_restart(world: World, transition: Transition) -> bool:
    """From here on the machine reads `restarting`; False when a stop came in between."""
    if not transitions.is_pending(world, transition):
        return False
    machines.change(world, machines.get(world, transition.machine_id), state="restarting")
    return True


@atomic
def schedule_boot(world: World, transition: Transition) -> None:
    """The second half of a restart, under the same event."""
    if transitions.take(world, transition):
        delay = world.settings.start
        transitions.schedule(world, "boot", transition.machine_id, delay, event_id=transition.event_id)
