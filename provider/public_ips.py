"""Static addresses: they outlive their machine and are billed until released (paperspace-api.md 1.5)."""

from __future__ import annotations

from provider.client import PaperspaceClient, segment
from provider.errors import NotFound
from provider.models import PublicIp, parse

PATH = "/public-ips"


def held_by(client: PaperspaceClient, machine_id: str, recorded: str | None) -> list[str]:
    """Addresses that are the machine's: assigned to it, or recorded as its own and assigned to nobody."""
    found = [parse(PublicIp, item, f"GET {PATH}") for item in client.items(PATH)]
    return [
        address.ip
        for address in found
        if address.assigned_machine_id == machine_id
        or (address.ip == recorded and not address.assigned_machine_id)
    ]


def release(client: PaperspaceClient, ip: str) -> None:
    """Gives the address back; one that is gone is fine."""
    try:
        client.delete(f"{PATH}/{segment(ip)}")
    except NotFound:
        return
