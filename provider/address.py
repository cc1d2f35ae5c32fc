"""Where a machine is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provider.states import READY

if TYPE_CHECKING:
    from provider.client import PaperspaceClient


@dataclass(frozen=True)
class Address:
    """`ip` is None while the machine has no address; a dynamic one is only valid while `state` is ready."""

    ip: str | None
    state: str

    @property
    def is_reachable(self) -> bool:
        return self.state == READY and bool(self.ip)


def of_machine(client: PaperspaceClient, machine_id: str) -> Address:
    """The present address, by one GET. Raises NotFound where the machine is gone."""
    from provider import machines

    machine = machines.get(client, machine_id)
    return Address(machine.public_ip, machine.state)
