"""From power to `ready`: what a boot needs, and what it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.paperspace.state import (
    machine_availability,
    machine_events,
    machines,
    power,
    snapshots,
    startup_scripts,
    transitions,
)
from sandbox.paperspace.state.addresses import next_address
from sandbox.paperspace.state.machines import Machine
from sandbox.paperspace.state.transitions import Transition
from sandbox.paperspace.state.world import World, atomic


@dataclass(frozen=True)
class Boot:
    """The arguments of Guests.boot, and the scripts that it runs."""

    machine_id: str
    template: str
    address: str
    password: str
    startup_script: str | None
    script_ids: list[str]


@atomic
def plan(world: World, machine_id: str) -> Boot | None:
    """The boot of a machine that gets power; None where there is no capacity and nobody says so."""
    machine = machines.get(world, machine_id)
    if machine.state != "restarting" and _is_lost(world, machine):
        return None
    scripts = startup_scripts.due_on(world, machine_id)
    address = machine.guest_address or machine.public_ip or next_address(world)
    machines.change(world, machine, guest_address=address)
    return _boot(machine, address, scripts)


def _is_lost(world: World, machine: Machine) -> bool:
    return machine_availability.take_silent_failure(world, machine.machine_type, machine.region)


@atomic
def plan_readdress(world: World, machine_id: str) -> Boot | None:
    """The boot that moves a running guest to its machine's present address; None when it is there.

    A real machine is not booted for that. So a script that may be at work is begun again, and one that waits
    for the next boot goes on waiting.
    """
    machine = machines.get(world, machine_id)
    address = machine.public_ip or next_address(world)
    if machine.guest_address in (None, address):
        return None
    machines.change(world, machine, guest_address=address, public_ip=_told(machine, address))
    begun = [each for each in startup_scripts.due_on(world, machine_id) if machine_id in each.has_run_on]
    return _boot(machine, address, begun)


@atomic
def plan_again(world: World) -> list[Boot]:
    """The boots of all machines that ran when the sandbox ended."""
    running = [machine for machine in machines.all_machines(world) if machine.guest_address]
    return [
        _boot(machine, machine.guest_address, startup_scripts.due_on(world, machine.id))
        for machine in running
        if machine.guest_address and machine.state == "ready"
    ]


@atomic
def conclude(world: World, transition: Transition, boot: Boot | None) -> None:
    """The machine is `ready`, or `off` when there was no boot; the event is done either way."""
    if not transitions.take(world, transition):
        return
    machine = machines.get(world, transition.machine_id)
    if boot is None:
        power.power_lost(world, machine)
    else:
        _ready(world, machine, boot)
    machine_events.finish(world, transition.event_id)


def _ready(world: World, machine: Machine, boot: Boot) -> None:
    startup_scripts.mark_run(world, boot.script_ids, machine.id)
    used = machine.storage_used or machine.storage_total // 5
    shown = _told(machine, boot.address)
    machine = machines.change(world, machine, state="ready", public_ip=shown, storage_used=used)
    power.plan_auto_shutdown(world, machine)
    if machine.take_initial_snapshot:
        machines.change(world, machine, take_initial_snapshot=False)
        snapshots.add(world, machine.id, f"{machine.name} initial")


def _told(machine: Machine, address: str) -> str | None:
    return machine.public_ip if machine.public_ip_type != "dynamic" else address


def _boot(machine: Machine, address: str, scripts: list[startup_scripts.StartupScript]) -> Boot:
    return Boot(
        machine_id=machine.id,
        template=machine.os_template,
        address=address,
        password=machine.password,
        startup_script=startup_scripts.as_one(scripts),
        script_ids=[script.id for script in scripts],
    )


@atomic
def fail(world: World, transition: Transition, text: str) -> None:
    """The machine did not boot: it is off, and its event says why."""
    if not transitions.take(world, transition):
        return
    if machine := machines.find(world, transition.machine_id):
        power.power_lost(world, machine)
    machine_events.finish(world, transition.event_id, "error", text)


@atomic
def booted_again(world: World, boot: Boot) -> None:
    """A machine that ran before runs again, with its scripts."""
    startup_scripts.mark_run(world, boot.script_ids, boot.machine_id)


@atomic
def lost(world: World, machine_id: str) -> None:
    """A machine that ran before and does not boot any more: it is off."""
    power.power_lost(world, machines.get(world, machine_id))
