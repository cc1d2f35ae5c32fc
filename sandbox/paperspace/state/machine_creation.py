"""POST /machines: every check first, then the machine and its event (paperspace-api.md 1.4, 1.5)."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field

from sandbox.paperspace.state import (
    account,
    custom_templates,
    machine_availability,
    machines,
    os_templates,
    prices,
    private_networks,
    public_ips,
    startup_scripts,
    transitions,
)
from sandbox.paperspace.state.custom_templates import CustomTemplate
from sandbox.paperspace.state.errors import BadRequest, Forbidden, NotFound
from sandbox.paperspace.state.identifiers import new_id
from sandbox.paperspace.state.machine_events import MachineEvent
from sandbox.paperspace.state.machine_types import GB, MachineType, machine_type
from sandbox.paperspace.state.machines import Machine, PublicIpType, SnapshotFrequency
from sandbox.paperspace.state.os_templates import OsTemplate
from sandbox.paperspace.state.regions import long_name
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.transitions import Kind
from sandbox.paperspace.state.world import World, atomic

_FORGOTTEN = {"start_on_create", "startup_script_id", "email_password", "enable_nvlink"}


class NewMachine(Body):
    name: str = Field(min_length=1)
    machine_type: str
    template_id: str
    disk_size: float = Field(gt=0)
    region: str
    network_id: str | None = None
    public_ip_type: PublicIpType = "dynamic"
    auto_snapshot_enabled: bool = False
    auto_snapshot_frequency: SnapshotFrequency | None = None
    auto_snapshot_save_count: Annotated[float, Field(ge=0, le=10)] | None = None
    auto_shutdown_enabled: bool = False
    auto_shutdown_timeout: Annotated[float, Field(ge=1, le=168)] | None = None
    auto_shutdown_force: bool | None = None
    take_initial_snapshot: bool = False
    restore_point_enabled: bool = False
    restore_point_frequency: Literal["shutdown"] | None = None
    startup_script_id: str | None = None
    email_password: bool = True
    start_on_create: bool = True
    enable_nvlink: bool = False
    accessor_ids: list[str] = Field(default_factory=list)


@atomic
def create(world: World, wanted: NewMachine) -> tuple[MachineEvent, Machine]:
    """Raises BadRequest, Forbidden, NotFound, ApiError without capacity."""
    region = long_name(wanted.region)
    kind = machine_type(wanted.machine_type, any_case=world.settings.machine_type_case == "any")
    template = _template(world, wanted.template_id)
    _refuse_what_does_not_fit(world, wanted, kind, region, template)
    machine_availability.refuse_unobtainable(world, kind, region)
    machine = _new(world, wanted, kind, region, template)
    machines.put(world, machine)
    if wanted.startup_script_id:
        startup_scripts.assign(world, wanted.startup_script_id, machine.id)
    if wanted.public_ip_type == "static":
        claimed = public_ips.claim(world, region, machine_id=machine.id)
        machine = machines.change(world, machine, public_ip=claimed.ip)
    power_on: Kind = "boot" if wanted.start_on_create else "provision-off"
    event = transitions.announce(world, "create", power_on, machine.id, world.settings.provision)
    return event, machine


def _template(world: World, template_id: str) -> OsTemplate | CustomTemplate:
    custom = custom_templates.find(world, template_id)
    found = custom if custom and custom.ready else os_templates.find(world, template_id)
    if found is None:
        message = f"Template not found: {template_id}"
        raise NotFound(message)
    return found


def _refuse_what_does_not_fit(
    world: World, wanted: NewMachine, kind: MachineType, region: str, template: OsTemplate | CustomTemplate
) -> None:
    if machines.count(world) >= world.settings.max_machines:
        message = f"Your team has reached its limit of {world.settings.max_machines} machines"
        raise Forbidden(message)
    if region not in kind.regions:
        message = f"Machine type {kind.label} is not available in {region}"
        raise BadRequest(message)
    if kind.label not in {known["machineTypeLabel"] for known in template.available_machine_types}:
        message = f"Template {template.id} is not available for machine type {kind.label}"
        raise BadRequest(message)
    if isinstance(template, CustomTemplate) and template.region != region:
        message = f"Template {template.id} is in {template.region}, not in {region}"
        raise BadRequest(message)
    refuse_disk_size(wanted.disk_size, at_least=template.default_size_gb or 0)
    if wanted.restore_point_enabled and not (wanted.take_initial_snapshot and wanted.restore_point_frequency):
        message = "restorePointEnabled needs takeInitialSnapshot and restorePointFrequency"
        raise BadRequest(message)
    account.refuse_unknown_users(wanted.accessor_ids)


def refuse_disk_size(size: float, *, at_least: int) -> None:
    """Raises BadRequest for a size that is not sold, or that is too small."""
    if size not in prices.DISK_SIZES:
        message = f"Invalid disk size: {size:g}. Allowed: {', '.join(map(str, prices.DISK_SIZES))}"
        raise BadRequest(message)
    if size < at_least:
        message = f"Invalid disk size: {size:g}. It must be at least {at_least}"
        raise BadRequest(message)


def hardware(kind: MachineType) -> dict[str, Any]:
    """The fields of a machine that follow from its type."""
    gpu = {"name": kind.gpu, "memory": kind.gpu_memory_gb * GB, "count": kind.gpus}
    return {
        "machine_type": kind.label,
        "cpus": kind.cpus,
        "ram": int(kind.ram_gb * GB),
        "accelerators": [gpu] if kind.gpus else None,
        "usage_rate": kind.hourly,
    }


def storage(size: int) -> dict[str, Any]:
    """The fields of a machine that follow from its disk's size in GB."""
    return {"disk_size": size, "storage_total": size * GB, "storage_rate": prices.MONTHLY_DISK[size]}


def private_ip(network: str | None) -> str:
    """An address of the network; the default network is 10.64.0.0."""
    return f"{(network or '10.64.0.0').rpartition('.')[0]}.{secrets.randbelow(253) + 2}"


def _new(
    world: World, wanted: NewMachine, kind: MachineType, region: str, template: OsTemplate | CustomTemplate
) -> Machine:
    network = private_networks.of_region(world, wanted.network_id, region) if wanted.network_id else None
    now = world.clock.date_time()
    asked = wanted.model_dump(exclude=_FORGOTTEN | {"machine_type", "disk_size", "region", "network_id"})
    return Machine(
        **asked,
        **hardware(kind),
        **storage(int(wanted.disk_size)),
        id=new_id("machine"),
        state="provisioning",
        os=template.operating_system_label,
        os_template=template.os_template if isinstance(template, CustomTemplate) else template.name,
        agent_type=template.agent_type,
        storage_used=0,
        region=region,
        private_ip=private_ip(network.network if network else None),
        network_id=network.id if network else private_networks.default_id(world, region),
        public_ip=None,
        password=secrets.token_urlsafe(12),
        dt_created=now,
        dt_modified=now,
    )
