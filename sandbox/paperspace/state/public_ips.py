"""Static public addresses: claimed, assigned, released (paperspace-api.md 1.4, 1.5).

They outlive the machine that they are assigned to, and are billed until they are released.
"""

from __future__ import annotations

from sandbox.paperspace.state.addresses import next_address
from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.regions import long_name, same_region
from sandbox.paperspace.state.world import World, atomic


class PublicIp(Record):
    ip: str
    region: str
    assigned_machine_id: str | None = None
    dt_created: str


def _table(world: World) -> Table[PublicIp]:
    return world.table("public_ips", PublicIp, "Public IP")


@atomic
def claim(world: World, region: str, ip: str | None = None, machine_id: str | None = None) -> PublicIp:
    """Claims a new address, or makes the given one static. Raises BadRequest for an unknown region."""
    claimed = PublicIp(
        region=long_name(region),
        ip=ip or next_address(world),
        assigned_machine_id=machine_id,
        dt_created=world.clock.date_time(),
    )
    _table(world).put(claimed.ip, claimed)
    return claimed


def get(world: World, ip: str) -> PublicIp:
    """Raises NotFound."""
    return _table(world).get(ip)


def assign(world: World, ip: str, machine_id: str | None) -> PublicIp:
    """Notes who has the address. Raises NotFound."""
    changed = get(world, ip).model_copy(update={"assigned_machine_id": machine_id})
    _table(world).put(ip, changed)
    return changed


def unassign_all(world: World, machine_id: str) -> None:
    """The machine has no static address any more; its addresses stay claimed."""
    for found in _table(world).all():
        if found.assigned_machine_id == machine_id:
            assign(world, found.ip, None)


def remove(world: World, ip: str) -> None:
    _table(world).remove(ip)


@atomic
def all_claimed(world: World) -> list[PublicIp]:
    return _table(world).all()


@atomic
def page(world: World, query: PageQuery, region: str | None = None) -> Page[PublicIp]:
    rows = [row for row in _table(world).rows() if region is None or same_region(region, row.record.region)]
    return page_of(rows, query, lambda found: found.dt_created, world.settings.page_size)
