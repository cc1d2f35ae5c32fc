"""A static address that goes on from a machine to the one that replaces it.

`StaticAddress` holds it in the state; while a machine is replaced nobody else knows whose it is.
"""

from __future__ import annotations

import threading

from provider import machines, public_ips
from provider.client import PaperspaceClient
from provider.errors import InvalidInput
from provider.events import CHANGE_SECONDS
from provider.regions import same_region
from provider.waiting import Waiter

_lock = threading.Lock()
_kept: set[str] = set()


def keep(ip: str) -> None:
    """For the life of this process: deleting a machine does not release it."""
    with _lock:
        _kept.add(ip)


def let_go(ip: str) -> None:
    """Whoever has it releases it with itself again."""
    with _lock:
        _kept.discard(ip)


def is_kept(ip: str) -> bool:
    """Whether the machine that has it is being replaced, and its address is to go on."""
    with _lock:
        return ip in _kept


def forget_all() -> None:
    """As in a new process."""
    with _lock:
        _kept.clear()


def of_machine(client: PaperspaceClient, machine_id: str) -> str:
    """The machine's static address. Raises InvalidInput where it has none, NotFound."""
    machine = machines.get(client, machine_id)
    if machine.public_ip_type != "static" or not machine.public_ip:
        text = f"machine {machine_id} has no static address to keep; set public_ip_type to static"
        raise InvalidInput(text)
    return machine.public_ip


def move(client: PaperspaceClient, ip: str, machine_id: str, waiter: Waiter) -> str:
    """Gives the address to the machine and returns it; where it cannot be, the machine's own.

    The machine's own goes first: killed in between, nothing is billed that no state knows.
    """
    machine = machines.get(client, machine_id)
    if machine.public_ip == ip:
        return ip
    claimed = public_ips.find(client, ip)
    if claimed is None or not same_region(claimed.region, machine.region):
        why = "it is no longer yours" if claimed is None else f"it belongs to {claimed.region}"
        waiter.warn(f"address {ip} cannot go to machine {machine_id} in {machine.region}: {why}")
        let_go(ip)
        release_abandoned(client, ip)
        return of_machine(client, machine_id)
    for own in public_ips.held_by(client, machine_id, ()):
        public_ips.release(client, own)
    public_ips.assign(client, ip, machine_id)
    waiter.until(
        lambda: machines.get(client, machine_id).public_ip,
        lambda address: address == ip,
        state=str,
        subject=f"the address of machine {machine_id}",
        goal=ip,
        seconds=CHANGE_SECONDS,
    )
    waiter.report(f"address {ip} is now that of machine {machine_id}")
    return ip


def release_abandoned(client: PaperspaceClient, ip: str) -> None:
    """Gives it back where no machine has it: one that has it releases it with itself."""
    for abandoned in public_ips.abandoned(client, [ip]):
        public_ips.release(client, abandoned)
