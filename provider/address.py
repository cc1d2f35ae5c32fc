"""Where a machine is reached."""

from __future__ import annotations

from dataclasses import dataclass

from provider import machines
from provider.client import PaperspaceClient


@dataclass(frozen=True)
class Address:
    """`ip` is None while the machine has no address; a dynamic one is only valid while `state` is ready."""

    ip: str | None
    state: str


def of_machine(client: PaperspaceClient, machine_id: str) -> Address:
    """The present address, by one GET. Raises NotFound where the machine is gone."""
    machine = machines.get(client, machine_id)
    return Address(machine.public_ip, machine.state)
