"""What a machine lacks to be as wanted."""

from __future__ import annotations

from typing import Any

from provider.catalog import machine_type, machine_type_label, same_family
from provider.errors import InvalidInput
from provider.inputs import MachineInputs
from provider.models import Machine
from provider.ordering import auto_shutdown_body, auto_snapshot_body
from provider.outputs import (
    auto_shutdown_of,
    auto_snapshot_of,
    disk_size_of,
    machine_type_of,
    region_of,
)


def differing(machine: Machine, inputs: MachineInputs) -> dict[str, Any]:
    """The body of PUT /machines/{id} that makes the machine as wanted; empty where it is.

    Raises InvalidInput where the disk would have to shrink.
    """
    body: dict[str, Any] = {}
    if machine.name != inputs.wire_name:
        body["name"] = inputs.wire_name
    if machine.public_ip_type != inputs.public_ip_type:
        body["publicIpType"] = inputs.public_ip_type
    if inputs.network and machine.network_id != inputs.network:
        body["networkId"] = inputs.network
    if auto_snapshot_of(machine) != inputs.auto_snapshot.model_dump(exclude=_unused(inputs)):
        body |= auto_snapshot_body(inputs.auto_snapshot)
    if auto_shutdown_of(machine) != inputs.auto_shutdown.model_dump():
        body |= auto_shutdown_body(inputs.auto_shutdown)
    return body | _new_size(machine, inputs)


def _unused(inputs: MachineInputs) -> set[str]:
    return set() if inputs.auto_snapshot.enabled else {"frequency", "keep"}


def _new_size(machine: Machine, inputs: MachineInputs) -> dict[str, Any]:
    body: dict[str, Any] = {}
    present = machine_type_of(machine)
    if present not in inputs.machine_types:
        body["machineType"] = machine_type_label(_new_type(machine, inputs))
    size = disk_size_of(machine)
    if size is not None and size > inputs.disk_size:
        text = f"disk_size: machine {machine.id} has {size} GB and cannot shrink; set disk_size to {size}"
        raise InvalidInput(text)
    if size is not None and size < inputs.disk_size:
        body["diskSize"] = inputs.disk_size
    return body


def _new_type(machine: Machine, inputs: MachineInputs) -> str:
    """The first wanted type that the machine may become where it is."""
    present, region = machine_type_of(machine), region_of(machine)
    family = [wanted for wanted in inputs.machine_types if same_family(present, wanted)]
    offered = [wanted for wanted in family if region in machine_type(wanted).regions]
    return next(iter(offered or family), inputs.machine_types[0])
