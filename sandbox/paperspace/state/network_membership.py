"""Which machines are in a private network, where that decides what may happen to it."""

from __future__ import annotations

from sandbox.paperspace.state import machines, private_networks, shared_drives
from sandbox.paperspace.state.errors import PreconditionFailed
from sandbox.paperspace.state.machine_creation import private_ip
from sandbox.paperspace.state.private_networks import NewPrivateNetwork, PrivateNetwork
from sandbox.paperspace.state.world import World, atomic


@atomic
def create(world: World, wanted: NewPrivateNetwork) -> PrivateNetwork:
    """With `migrateMachines` the region's machines move in. Raises BadRequest for an unknown region."""
    network = private_networks.create(world, wanted)
    for machine in machines.all_machines(world):
        if wanted.migrate_machines and machine.region == network.region:
            moved = {"network_id": network.id, "private_ip": private_ip(network.network)}
            machines.change(world, machine, **moved)
    return network


@atomic
def delete(world: World, network_id: str) -> None:
    """Raises NotFound, PreconditionFailed while something is attached (paperspace-api.md 1.5)."""
    users = [machine.id for machine in machines.all_machines(world) if machine.network_id == network_id]
    users += [drive.id for drive in shared_drives.all_drives(world) if drive.network_id == network_id]
    if users:
        message = f"Private network {network_id} is in use by {', '.join(users)}"
        raise PreconditionFailed(message)
    private_networks.remove(world, network_id)
