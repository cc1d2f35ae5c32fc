"""From the API's machine to Pulumi's properties: what is, in the words of the inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provider.catalog import (
    DISK_SIZES,
    STATIC_IP_MONTHLY,
    hourly_price,
    known_machine_type,
    monthly_disk,
    monthly_snapshots,
    same_region,
)
from provider.errors import InvalidInput
from provider.inputs import inputs_of, wire_name
from provider.models import Machine
from provider.prices import BILLED_HOURS_A_MONTH
from provider.regions import canonical_region

GIBIBYTE = 2**30
STOPPED_STATES = frozenset({"off", "stopping"})
LOWEST_MONTHLY_RATE = 1.0
"""A storageRate below this cannot be a month's price of any disk: then it is taken as hourly [INFER]."""

Properties = dict[str, Any]


def observed_inputs(machine: Machine, properties: Mapping[str, Any]) -> Properties:
    """The inputs as the machine has them; what the API does not return stays as recorded."""
    recorded = inputs_of(properties)
    return recorded | {
        "name": _name(machine, recorded),
        "machine_types": _listed_or_actual(recorded, "machine_types", machine_type_of(machine)),
        "regions": _listed_or_actual(recorded, "regions", region_of(machine)),
        "disk_size": disk_size_of(machine) or recorded.get("disk_size"),
        "public_ip_type": machine.public_ip_type or recorded.get("public_ip_type"),
        "auto_snapshot": auto_snapshot_of(machine),
        "auto_shutdown": auto_shutdown_of(machine),
        "power": "stopped" if machine.state in STOPPED_STATES else "running",
        **({"network": machine.network_id} if recorded.get("network") else {}),
    }


def outputs_of(
    machine: Machine,
    properties: Mapping[str, Any],
    *,
    api_url: str,
    team_id: str | None,
    template_id: str | None,
    startup_script_id: str | None,
) -> Properties:
    """Everything that state holds: the observed inputs and what only Paperspace knows."""
    found = {
        **observed_inputs(machine, properties),
        "api_url": api_url,
        "team_id": team_id,
        "template_id": template_id,
        "startup_script_id": startup_script_id,
        "region": region_of(machine),
        "machine_type": machine_type_of(machine),
        "state": machine.state,
        "public_ip": machine.public_ip,
        "static_ips": static_ips_of(machine, properties),
        "private_ip": machine.private_ip,
        "os": machine.os,
        "cpus": machine.cpus,
        "ram_gb": round(machine.ram / GIBIBYTE, 1) if machine.ram else None,
        "gpu": gpu_of(machine),
        "hourly_rate": hourly_rate(machine),
        "monthly_fixed": monthly_fixed_of(machine),
        "created_at": machine.dt_created,
    }
    return {name: value for name, value in found.items() if value is not None}


def machine_type_of(machine: Machine) -> str:
    """The canonical name: the API's "GPU+" is "M4000"."""
    return known_machine_type(machine.machine_type)


def region_of(machine: Machine) -> str:
    """The long name where the region is known."""
    try:
        return canonical_region(machine.region)
    except InvalidInput:
        return machine.region


def disk_size_of(machine: Machine) -> int | None:
    """GB as sold, from `storageTotal` bytes; None where that is no size that is sold."""
    if not machine.storage_total:
        return None
    size = machine.storage_total / GIBIBYTE
    nearest = min(DISK_SIZES, key=lambda choice: abs(choice - size))
    return nearest if abs(nearest - size) <= nearest * 0.1 else None


def auto_snapshot_of(machine: Machine) -> Properties:
    """As checks.py writes it."""
    if not machine.auto_snapshot_enabled:
        return {"enabled": False}
    return {
        "enabled": True,
        "frequency": machine.auto_snapshot_frequency or "daily",
        "keep": machine.auto_snapshot_save_count or 1,
    }


def auto_shutdown_of(machine: Machine) -> Properties:
    """As checks.py writes it."""
    if not machine.auto_shutdown_enabled:
        return {"hours": 0, "force": False}
    return {"hours": int(machine.auto_shutdown_timeout or 0), "force": bool(machine.auto_shutdown_force)}


def static_ips_of(machine: Machine, properties: Mapping[str, Any]) -> list[str]:
    """Every static address that the machine was seen with: one that it lost is still billed."""
    own = [machine.public_ip] if machine.public_ip_type == "static" and machine.public_ip else []
    return list(dict.fromkeys([*static_ips_in(properties), *own]))


def static_ips_in(properties: Mapping[str, Any]) -> list[str]:
    """As recorded in state."""
    present = [properties.get("public_ip")] if properties.get("public_ip_type") == "static" else []
    return list(dict.fromkeys(str(ip) for ip in [*(properties.get("static_ips") or []), *present] if ip))


def gpu_of(machine: Machine) -> str | None:
    """Such as "Quadro M4000" or "2 x Quadro P4000"."""
    names = [f"{gpu.count} x {gpu.name}" if gpu.count > 1 else gpu.name for gpu in machine.accelerators or []]
    return ", ".join(names) or None


def hourly_rate(machine: Machine) -> float | None:
    """USD an hour while running: the API's rate, else the list price."""
    return machine.usage_rate or _listed(lambda: hourly_price(machine.machine_type))


def monthly_fixed_of(machine: Machine) -> float | None:
    """USD a month that are billed also while off: disk, static address, kept auto snapshots."""
    size = disk_size_of(machine)
    disk = _monthly_storage(machine.storage_rate) or (_listed(lambda: monthly_disk(size)) if size else None)
    if disk is None:
        return None
    address = STATIC_IP_MONTHLY if machine.public_ip_type == "static" else 0.0
    return round(disk + address + _kept_snapshots(machine, size), 2)


def _kept_snapshots(machine: Machine, size: int | None) -> float:
    kept = auto_snapshot_of(machine).get("keep", 0)
    return monthly_snapshots(size, kept) if size else 0.0


def _monthly_storage(rate: float | None) -> float | None:
    if rate and rate < LOWEST_MONTHLY_RATE:
        return rate * BILLED_HOURS_A_MONTH
    return rate


def _listed(price: Any) -> float | None:
    try:
        return float(price())
    except InvalidInput:
        return None


def _name(machine: Machine, recorded: Mapping[str, Any]) -> str:
    name, identity, template = (recorded.get(key, "") for key in ("name", "identity", "template"))
    return str(name) if machine.name == wire_name(name, identity, template) else machine.name


def _listed_or_actual(recorded: Mapping[str, Any], key: str, actual: str) -> list[str]:
    allowed: Iterable[str] = recorded.get(key) or []
    is_listed = any(actual == known or same_region(actual, known) for known in allowed)
    return list(allowed) if is_listed else [actual]
