"""Transitions that came due: the guest's part outside any transaction, then what it means for the state."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict

from sandbox.paperspace.guests import Guests
from sandbox.paperspace.state import (
    booting,
    images,
    machine_deletion,
    machine_upgrades,
    power,
    transitions,
)
from sandbox.paperspace.state.booting import Boot
from sandbox.paperspace.state.transitions import Kind, Transition
from sandbox.paperspace.state.world import World

log = logging.getLogger(__name__)
Performance = Callable[[World, Guests, Transition], None]


def perform(world: World, guests: Guests, transition: Transition) -> None:
    """Never raises: what a guest raises ends the event in `error`."""
    try:
        _PERFORMANCES[transition.kind](world, guests, transition)
    except Exception as error:
        log.warning("%s of %s failed: %s", transition.kind, transition.machine_id, error, exc_info=True)
        _fail(world, guests, transition, f"{type(error).__name__}: {error}")


def boot_guest(guests: Guests, boot: Boot) -> None:
    arguments = asdict(boot)
    del arguments["script_ids"]
    guests.boot(arguments.pop("machine_id"), **arguments)


def _fail(world: World, guests: Guests, transition: Transition, text: str) -> None:
    booting.fail(world, transition, text)
    try:
        guests.halt(transition.machine_id)
    except Exception as error:  # noqa: BLE001 - the machine is off for the API in any case
        log.warning("%s could not be halted: %s", transition.machine_id, error)


def _boot(world: World, guests: Guests, transition: Transition) -> None:
    boot = booting.plan(world, transition.machine_id)
    if boot:
        boot_guest(guests, boot)
    booting.conclude(world, transition, boot)


def _provision_off(world: World, guests: Guests, transition: Transition) -> None:  # noqa: ARG001
    booting.conclude(world, transition, None)


def _halt(world: World, guests: Guests, transition: Transition) -> None:
    guests.halt(transition.machine_id)
    booting.conclude(world, transition, None)


def _restart(world: World, guests: Guests, transition: Transition) -> None:
    if power.begin_restart(world, transition):
        guests.halt(transition.machine_id)
        power.schedule_boot(world, transition)


def _delete(world: World, guests: Guests, transition: Transition) -> None:
    guests.delete(transition.machine_id)
    machine_deletion.conclude(world, transition)


def _readdress(world: World, guests: Guests, transition: Transition) -> None:
    boot = booting.plan_readdress(world, transition.machine_id)
    if boot:
        guests.halt(transition.machine_id)
        boot_guest(guests, boot)
    with world.transaction():
        transitions.take(world, transition)


def _upgrade(world: World, guests: Guests, transition: Transition) -> None:  # noqa: ARG001
    machine_upgrades.conclude(world, transition)


def _auto_shutdown(world: World, guests: Guests, transition: Transition) -> None:  # noqa: ARG001
    with world.transaction():
        if transitions.take(world, transition):
            power.begin_auto_shutdown(world, transition.machine_id)


def _image(world: World, guests: Guests, transition: Transition) -> None:  # noqa: ARG001
    images.conclude(world, transition)


_PERFORMANCES: dict[Kind, Performance] = {
    "boot": _boot,
    "provision-off": _provision_off,
    "halt": _halt,
    "restart": _restart,
    "delete": _delete,
    "upgrade": _upgrade,
    "readdress": _readdress,
    "auto-shutdown": _auto_shutdown,
    "snapshot-create": _image,
    "snapshot-delete": _image,
    "snapshot-restore": _image,
    "template-create": _image,
}
