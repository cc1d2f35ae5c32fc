"""What the account is billed for an hour as things stand (paperspace-api.md 2.1, 2.3)."""

from __future__ import annotations

from sandbox.paperspace.state import custom_templates, machines, public_ips, snapshots
from sandbox.paperspace.state.machines import Machine
from sandbox.paperspace.state.prices import (
    CAPPED_HOURS,
    HOURLY_PUBLIC_IP,
    MONTHLY_CUSTOM_TEMPLATE,
    MONTHLY_SNAPSHOT,
)
from sandbox.paperspace.state.world import World, atomic


@atomic
def per_hour(world: World) -> dict[str, float]:
    """USD an hour: compute, disks, addresses, snapshots, templates, and their total."""
    known = {machine.id: machine for machine in machines.all_machines(world)}
    sizes = [
        known[found.machine_id].disk_size
        for found in snapshots.all_snapshots(world)
        if found.machine_id in known
    ]
    dynamic = sum(
        found.public_ip is not None and found.public_ip_type == "dynamic" for found in known.values()
    )
    templates = [found.default_size_gb for found in custom_templates.all_templates(world)]
    bill = {
        "compute": sum(machine.usage_rate for machine in known.values() if _computes(world, machine)),
        "disks": sum(machine.storage_rate for machine in known.values()) / CAPPED_HOURS,
        "addresses": (len(public_ips.all_claimed(world)) + dynamic) * HOURLY_PUBLIC_IP,
        "snapshots": sum(MONTHLY_SNAPSHOT[size] for size in sizes) / CAPPED_HOURS,
        "templates": sum(MONTHLY_CUSTOM_TEMPLATE[size] for size in templates) / CAPPED_HOURS,
    }
    return {name: round(usd, 4) for name, usd in {**bill, "total": sum(bill.values())}.items()}


def _computes(world: World, machine: Machine) -> bool:
    return machine.state not in ("off", "provisioning") or world.settings.billed_while_off
