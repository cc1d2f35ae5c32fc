"""PUT /machines/{id}: at once, or with an event where hardware changes (paperspace-api.md 1.4, 1.5)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sandbox.paperspace.state import (
    address_assignment,
    machines,
    power,
    private_networks,
    public_ips,
    transitions,
)
from sandbox.paperspace.state.errors import BadRequest
from sandbox.paperspace.state.machine_creation import private_ip, refuse_disk_size
from sandbox.paperspace.state.machine_events import MachineEvent
from sandbox.paperspace.state.machine_types import find_machine_type, machine_type
from sandbox.paperspace.state.machines import Machine, PublicIpType, SnapshotFrequency
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.world import World, atomic

_PLAIN = (
    "name",
    "auto_snapshot_enabled",
    "auto_snapshot_frequency",
    "auto_snapshot_save_count",
    "restore_point_enabled",
    "restore_point_frequency",
    "restore_point_snapshot_id",
)
_AUTO_SHUTDOWN = ("auto_shutdown_enabled", "auto_shutdown_timeout", "auto_shutdown_force")
_DOCUMENTED_LIMITS = ("auto_shutdown_", "auto_snapshot_", "public_ip_type", "network_id")


class MachineChanges(Body):
    name: str | None = None
    machine_type: str | None = None
    disk_size: Annotated[float, Field(gt=0)] | None = None
    network_id: str | None = None
    public_ip_type: PublicIpType | None = None
    auto_snapshot_enabled: bool | None = None
    auto_snapshot_frequency: SnapshotFrequency | None = None
    auto_snapshot_save_count: Annotated[float, Field(ge=0, le=10)] | None = None
    auto_shutdown_enabled: bool | None = None
    auto_shutdown_timeout: Annotated[float, Field(ge=1, le=168)] | None = None
    auto_shutdown_force: bool | None = None
    restore_point_enabled: bool | None = None
    restore_point_frequency: Literal["shutdown"] | None = None
    restore_point_snapshot_id: str | None = None


@atomic
def update(world: World, machine_id: str, changes: MachineChanges) -> tuple[MachineEvent | None, Machine]:
    """Raises NotFound (also for the default network), Conflict, BadRequest."""
    machine, sent = machines.changeable(world, machine_id), changes.sent()
    _refuse_documented_limits(world, sent)
    upgrade = _upgrade(world, machine, sent)
    plain = {name: value for name, value in sent.items() if name in _PLAIN}
    machine = machines.change(world, machine, **plain, **_auto_shutdown(world, machine, sent))
    if any(name in sent for name in _AUTO_SHUTDOWN):
        power.plan_auto_shutdown(world, machine)
    if "network_id" in sent:
        machine = _move_to_network(world, machine, sent["network_id"])
    if sent.get("public_ip_type") not in (None, machine.public_ip_type):
        machine = _change_address(world, machine, sent["public_ip_type"])
    if not upgrade:
        return None, machine
    machine = machines.change(world, machine, state="upgrading")
    delay = world.settings.upgrade
    return transitions.announce(world, "vm-upgrade", "upgrade", machine.id, delay, **upgrade), machine


def _refuse_documented_limits(world: World, sent: dict[str, Any]) -> None:
    limited = [name for name in sent if name.startswith(_DOCUMENTED_LIMITS)]
    if limited and world.settings.update_of_documented_limits == "rejected":
        message = f"Cannot be changed on an existing machine: {', '.join(sorted(limited))}"
        raise BadRequest(message)


def _upgrade(world: World, machine: Machine, sent: dict[str, Any]) -> dict[str, Any]:
    """The new type and size, of those that differ. Raises BadRequest where the machine cannot have them."""
    upgrade: dict[str, Any] = {}
    if "machine_type" in sent:
        upgrade |= _new_type(world, machine, sent["machine_type"])
    if "disk_size" in sent and sent["disk_size"] != machine.disk_size:
        refuse_disk_size(sent["disk_size"], at_least=machine.disk_size)
        upgrade["disk_size"] = int(sent["disk_size"])
    if upgrade and machine.state != "off":
        message = f"The machine must be off to be resized. This machine is currently {machine.state}."
        raise BadRequest(message)
    return upgrade


def _new_type(world: World, machine: Machine, label: str) -> dict[str, Any]:
    wanted = machine_type(label, any_case=world.settings.machine_type_case == "any")
    present = find_machine_type(machine.machine_type, any_case=False)
    if wanted == present:
        return {}
    if present is None or wanted.family != present.family or machine.region not in wanted.regions:
        message = f"Machine type {machine.machine_type} cannot become {wanted.label} in {machine.region}"
        raise BadRequest(message)
    return {"machine_type": wanted.label}


def _auto_shutdown(world: World, machine: Machine, sent: dict[str, Any]) -> dict[str, Any]:
    """What is taken: while it is on, a new timeout or force is lost without a word, as META found."""
    taken = {name: sent[name] for name in _AUTO_SHUTDOWN if name in sent}
    stays_on = machine.auto_shutdown_enabled and sent.get("auto_shutdown_enabled", True)
    return {} if stays_on and world.settings.auto_shutdown_needs_toggle else taken


def _move_to_network(world: World, machine: Machine, network_id: str) -> Machine:
    network = private_networks.of_region(world, network_id, machine.region)
    if network.id == machine.network_id:
        return machine
    return machines.change(world, machine, network_id=network.id, private_ip=private_ip(network.network))


def _change_address(world: World, machine: Machine, wanted: PublicIpType) -> Machine:
    """To static: a running machine keeps its address. From static: the address stays claimed."""
    public_ips.unassign_all(world, machine.id)
    machine = machines.change(world, machine, public_ip_type=wanted)
    if wanted != "static":
        return address_assignment.readdress(world, machine, None)
    claimed = public_ips.claim(world, machine.region, machine.public_ip, machine.id)
    return address_assignment.readdress(world, machine, claimed.ip)
