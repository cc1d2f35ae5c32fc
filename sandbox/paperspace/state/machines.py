"""Machines: what is stored of one, and reading it (paperspace-api.md 1.3)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.errors import Conflict
from sandbox.paperspace.state.filters import name_matches
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.regions import same_region
from sandbox.paperspace.state.world import World, atomic

MachineState = Literal["off", "starting", "stopping", "restarting", "ready", "upgrading", "provisioning"]
PublicIpType = Literal["static", "dynamic", "none"]
SnapshotFrequency = Literal["hourly", "daily", "weekly", "monthly"]


class MachineOnWire(Record):
    """Every key of the API's Machine, in the API's order."""

    id: str
    name: str
    state: MachineState
    os: str
    machine_type: str
    agent_type: str
    cpus: int
    ram: int
    storage_total: int
    storage_used: int
    accelerators: list[dict[str, Any]] | None
    region: str
    private_ip: str | None
    network_id: str | None
    public_ip: str | None
    public_ip_type: PublicIpType
    auto_shutdown_enabled: bool = False
    auto_shutdown_timeout: float | None = None
    auto_shutdown_force: bool | None = None
    auto_snapshot_enabled: bool = False
    auto_snapshot_frequency: SnapshotFrequency | None = None
    auto_snapshot_save_count: float | None = None
    updates_pending: bool = False
    restore_point_enabled: bool = False
    restore_point_frequency: Literal["shutdown"] | None = None
    restore_point_snapshot_id: str | None = None
    usage_rate: float
    storage_rate: float
    dt_created: str
    dt_modified: str
    dt_deleted: str | None = None
    reservation: None = None


class Machine(MachineOnWire):
    """What the API never returns: the inputs that it forgets, and where the guest is.

    guest_address: the loopback address of the machine's SSH server; None while it has no power.
    """

    template_id: str
    os_template: str
    disk_size: int
    password: str
    guest_address: str | None = None
    take_initial_snapshot: bool = False
    is_being_deleted: bool = False
    accessor_ids: list[str] = Field(default_factory=list)


def _table(world: World) -> Table[Machine]:
    return world.table("machines", Machine, "Machine")


@atomic
def get(world: World, machine_id: str) -> Machine:
    """Raises NotFound."""
    return _table(world).get(machine_id)


@atomic
def find(world: World, machine_id: str) -> Machine | None:
    return _table(world).find(machine_id)


def changeable(world: World, machine_id: str) -> Machine:
    """The machine, unless it is being deleted. Raises NotFound, Conflict."""
    machine = get(world, machine_id)
    if machine.is_being_deleted:
        message = "This machine is being deleted."
        raise Conflict(message)
    return machine


def put(world: World, machine: Machine) -> None:
    _table(world).put(machine.id, machine)


def change(world: World, machine: Machine, /, **values: Any) -> Machine:
    changed = machine.model_copy(update={**values, "dt_modified": world.clock.date_time()})
    put(world, changed)
    return changed


def remove(world: World, machine_id: str) -> None:
    _table(world).remove(machine_id)


def count(world: World) -> int:
    return _table(world).count()


@atomic
def all_machines(world: World) -> list[Machine]:
    return _table(world).all()


@atomic
def page(world: World, /, query: PageQuery, **filters: str | None) -> Page[Machine]:
    """filters: name, region, agent_type, machine_type; None for any."""
    rows = [row for row in _table(world).rows() if _matches(world, row.record, **filters)]
    by = {"name": "name", "state": "state"}.get(query.order_by, "dt_created")
    return page_of(rows, query, lambda machine: getattr(machine, by), world.settings.page_size)


def _matches(
    world: World,
    machine: Machine,
    *,
    name: str | None = None,
    region: str | None = None,
    agent_type: str | None = None,
    machine_type: str | None = None,
) -> bool:
    return (
        name_matches(world, name, machine.name)
        and (region is None or same_region(region, machine.region))
        and agent_type in (None, machine.agent_type)
        and (machine_type is None or machine_type.lower() == machine.machine_type.lower())
    )
