"""Everything that the sandbox holds, as one JSON object; for tests and for people, not part of the API."""

from __future__ import annotations

import hashlib
from typing import Any

from sandbox.paperspace.routes.answers import wire
from sandbox.paperspace.routes.operations import Operations
from sandbox.paperspace.state import (
    account,
    billing,
    custom_templates,
    machine_availability,
    machines,
    private_networks,
    public_ips,
    shared_drives,
    snapshots,
    startup_scripts,
)
from sandbox.paperspace.state.machines import Machine
from sandbox.paperspace.state.startup_scripts import StartupScript
from sandbox.paperspace.state.world import World


def overview(world: World, operations: Operations) -> dict[str, Any]:
    """The objects as in the API, with what it forgets; per_hour in USD; requests by operation."""
    with world.transaction():
        return {
            "machines": [_machine(world, found) for found in machines.all_machines(world)],
            "public_ips": [wire(world, found) for found in public_ips.all_claimed(world)],
            "startup_scripts": [_script(world, found) for found in startup_scripts.all_scripts(world)],
            "snapshots": [wire(world, found) for found in snapshots.all_snapshots(world)],
            "custom_templates": [wire(world, found) for found in custom_templates.all_templates(world)],
            "private_networks": [wire(world, found) for found in private_networks.all_networks(world)],
            "shared_drives": [found.id for found in shared_drives.all_drives(world)],
            "capacities": [wire(world, found) for found in machine_availability.all_capacities(world)],
            "users": list(account.USERS.values()),
            "per_hour": billing.per_hour(world),
            "requests": operations.requests,
        }


def _machine(world: World, machine: Machine) -> dict[str, Any]:
    forgotten = machine.model_dump(
        mode="json",
        by_alias=True,
        include={"template_id", "disk_size", "guest_address", "is_being_deleted", "accessor_ids"},
    )
    return wire(world, machine) | forgotten


def _script(world: World, script: StartupScript) -> dict[str, Any]:
    """Not the text, which may hold secrets: its SHA-256."""
    digest = hashlib.sha256(script.script.encode()).hexdigest()
    return wire(world, script) | {"hasRunOn": script.has_run_on, "scriptSha256": digest}
