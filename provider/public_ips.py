"""Static addresses: they outlive their machine and are billed until released (paperspace-api.md 1.5)."""

from __future__ import annotations

from collections.abc import Collection

from provider.client import PaperspaceClient, segment
from provider.errors import NotFound
from provider.models import PublicIp, parse

PATH = "/public-ips"


def held_by(client: PaperspaceClient, machine_id: str, recorded: Collection[str]) -> list[str]:
    """Addresses that are the machine's: assigned to it, or recorded as its own and assigned to nobody."""
    return [
        address.ip
        for address in _list_all(client)
        if address.assigned_machine_id == machine_id
        or (address.ip in recorded and not address.assigned_machine_id)
    ]


def abandoned(client: PaperspaceClient, recorded: Collection[str]) -> list[str]:
    """Those of the recorded addresses that are assigned to nobody, and billed all the same."""
    return [
        address.ip
        for address in _list_all(client)
        if address.ip in recorded and not address.assigned_machine_id
    ]


def find(client: PaperspaceClient, ip: str) -> PublicIp | None:
    """The address, or None where it is not the team's."""
    return next((address for address in _list_all(client) if address.ip == ip), None)


def assign(client: PaperspaceClient, ip: str, machine_id: str) -> None:
    """PUT /public-ips/{ip}: the machine's from now on, whoever had it."""
    client.put(f"{PATH}/{segment(ip)}", {"machineId": machine_id})


def release(client: PaperspaceClient, ip: str) -> None:
    """Gives the address back; one that is gone is fine."""
    try:
        client.delete(f"{PATH}/{segment(ip)}")
    except NotFound:
        return


def _list_all(client: PaperspaceClient) -> list[PublicIp]:
    return [parse(PublicIp, item, f"GET {PATH}") for item in client.items(PATH)]
