"""The body of POST /machines (paperspace-api.md 1.4, "Create body")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provider.catalog import machine_type_label, region_code
from provider.inputs import AutoShutdown, AutoSnapshot, MachineInputs
from provider.models import OsTemplate


@dataclass(frozen=True)
class Order:
    """What is ordered, whatever type and region it will be."""

    inputs: MachineInputs
    template: OsTemplate
    script_id: str


def create_body(order: Order, machine_type: str, region: str) -> dict[str, Any]:
    """Everything is said explicitly, for the API states few defaults."""
    inputs = order.inputs
    return {
        "name": inputs.wire_name,
        "machineType": machine_type_label(machine_type),
        "templateId": order.template.id,
        "diskSize": inputs.disk_size,
        "region": region_code(region),
        "publicIpType": inputs.public_ip_type,
        "startOnCreate": inputs.wants_running,
        "startupScriptId": order.script_id,
        "emailPassword": False,
        "takeInitialSnapshot": False,
        **auto_snapshot_body(inputs.auto_snapshot),
        **auto_shutdown_body(inputs.auto_shutdown),
        **({"networkId": inputs.network} if inputs.network else {}),
        **({"accessorIds": inputs.accessors} if inputs.accessors else {}),
    }


def auto_snapshot_body(wanted: AutoSnapshot) -> dict[str, Any]:
    """The three fields, or only the switch where it is off."""
    if not wanted.enabled:
        return {"autoSnapshotEnabled": False}
    return {
        "autoSnapshotEnabled": True,
        "autoSnapshotFrequency": wanted.frequency,
        "autoSnapshotSaveCount": wanted.keep,
    }


def auto_shutdown_body(wanted: AutoShutdown) -> dict[str, Any]:
    """The three fields, or only the switch where it is off."""
    if not wanted.hours:
        return {"autoShutdownEnabled": False}
    return {
        "autoShutdownEnabled": True,
        "autoShutdownTimeout": wanted.hours,
        "autoShutdownForce": wanted.force,
    }
