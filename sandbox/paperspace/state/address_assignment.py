"""Which machine has which static address, and what a change of address means for a machine that runs."""

from __future__ import annotations

from sandbox.paperspace.state import machines, public_ips, transitions
from sandbox.paperspace.state.errors import BadRequest
from sandbox.paperspace.state.machines import Machine
from sandbox.paperspace.state.world import World, atomic


def readdress(world: World, machine: Machine, address: str | None) -> Machine:
    """Gives the machine another public address (None: none that is told); a running guest follows."""
    machine = machines.change(world, machine, public_ip=address)
    if machine.guest_address and address != machine.guest_address:
        transitions.schedule(world, "readdress", machine.id, 0)
    return machine


@atomic
def assign(world: World, ip: str, machine_id: str | None) -> public_ips.PublicIp:
    """Gives a claimed address to a machine, or takes it away. Raises NotFound, Conflict, BadRequest."""
    claimed = public_ips.get(world, ip)
    target = machines.changeable(world, machine_id) if machine_id else None
    if target and target.region != claimed.region:
        message = f"Public IP {ip} is in {claimed.region}, machine {target.id} in {target.region}"
        raise BadRequest(message)
    if claimed.assigned_machine_id not in (None, machine_id):
        _lose_static_address(world, claimed.assigned_machine_id or "")
    if target:
        public_ips.unassign_all(world, target.id)
        readdress(world, machines.change(world, target, public_ip_type="static"), ip)
    return public_ips.assign(world, ip, machine_id)


def _lose_static_address(world: World, machine_id: str) -> None:
    if holder := machines.find(world, machine_id):
        machines.change(world, holder, public_ip=None, public_ip_type="none")


@atomic
def release(world: World, ip: str) -> None:
    """Ends the claim, also of an address that a machine holds, as CPAD does. Raises NotFound."""
    claimed = public_ips.get(world, ip)
    if claimed.assigned_machine_id:
        _lose_static_address(world, claimed.assigned_machine_id)
    public_ips.remove(world, ip)
