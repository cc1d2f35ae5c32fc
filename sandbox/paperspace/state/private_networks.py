"""Private networks, and the default one of each region, which cannot be read (paperspace-api.md 1.5)."""

from __future__ import annotations

from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.errors import BadRequest, NotFound
from sandbox.paperspace.state.filters import name_matches
from sandbox.paperspace.state.identifiers import new_id
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.regions import REGIONS, long_name, same_region
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.world import World, atomic

_DEFAULT_IDS = dict(zip(REGIONS, ("nx86kbo3", "nca1dflt", "nam1dflt"), strict=True))


class NewPrivateNetwork(Body):
    name: str
    region: str
    migrate_machines: bool = False


class PrivateNetworkChanges(Body):
    name: str | None = None


class PrivateNetwork(Record):
    id: str
    name: str
    region: str
    network: str
    netmask: str = "255.255.255.0"
    dt_created: str
    dt_deleted: str | None = None


def _table(world: World) -> Table[PrivateNetwork]:
    return world.table("private_networks", PrivateNetwork, "Private network")


def default_id(world: World, region: str) -> str | None:
    """What a machine without a network of its own reports."""
    return _DEFAULT_IDS[region] if world.settings.default_network else None


@atomic
def create(world: World, wanted: NewPrivateNetwork) -> PrivateNetwork:
    """Raises BadRequest for an unknown region."""
    number = int(world.database.fact("last_network") or 0) + 1
    world.database.set_fact("last_network", str(number))
    network = PrivateNetwork(
        id=new_id("network"),
        name=wanted.name,
        region=long_name(wanted.region),
        network=f"10.{100 + number // 256 % 100}.{number % 256}.0",
        dt_created=world.clock.date_time(),
    )
    _table(world).put(network.id, network)
    return network


@atomic
def find(world: World, network_id: str) -> PrivateNetwork | None:
    """None also for a default network, as in the real service."""
    return _table(world).find(network_id)


def of_region(world: World, network_id: str, region: str) -> PrivateNetwork:
    """Raises NotFound, also for a default network; BadRequest when it is in another region."""
    if (network := find(world, network_id)) is None:
        message = f"Private network not found: {network_id}"
        raise NotFound(message)
    if network.region != region:
        message = f"Private network {network_id} is in {network.region}, not in {region}"
        raise BadRequest(message)
    return network


@atomic
def update(world: World, network_id: str, changes: PrivateNetworkChanges) -> PrivateNetwork:
    """Raises NotFound."""
    network = _table(world).get(network_id).model_copy(update=changes.sent())
    _table(world).put(network_id, network)
    return network


def remove(world: World, network_id: str) -> None:
    """Raises NotFound."""
    _table(world).get(network_id)
    _table(world).remove(network_id)


@atomic
def page(
    world: World, query: PageQuery, name: str | None = None, region: str | None = None
) -> Page[PrivateNetwork]:
    rows = [
        row
        for row in _table(world).rows()
        if name_matches(world, name, row.record.name)
        and (not region or same_region(region, row.record.region))
    ]
    by = (lambda found: found.name) if query.order_by == "name" else (lambda found: found.dt_created)
    return page_of(rows, query, by, world.settings.page_size)


@atomic
def all_networks(world: World) -> list[PrivateNetwork]:
    return _table(world).all()
