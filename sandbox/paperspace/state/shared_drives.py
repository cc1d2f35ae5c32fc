"""Shared drives of a private network (paperspace-api.md 1.3)."""

from __future__ import annotations

import secrets

from pydantic import Field

from sandbox.paperspace.state import private_networks
from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.filters import name_matches
from sandbox.paperspace.state.identifiers import new_id
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.regions import long_name, same_region
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.world import World, atomic


class NewSharedDrive(Body):
    name: str
    size: float = Field(gt=0)
    region: str
    network_id: str


class SharedDriveChanges(Body):
    name: str | None = None


class SharedDrive(Record):
    id: str
    name: str
    dt_created: str
    dt_deleted: str | None = None
    size: int
    mount_point: str
    username: str
    password: str
    network_id: str
    region: str


def _table(world: World) -> Table[SharedDrive]:
    return world.table("shared_drives", SharedDrive, "Shared drive")


@atomic
def create(world: World, wanted: NewSharedDrive) -> SharedDrive:
    """Raises BadRequest for an unknown region, NotFound for an unknown network."""
    region = long_name(wanted.region)
    network = private_networks.of_region(world, wanted.network_id, region)
    drive_id = new_id("shared drive")
    drive = SharedDrive(
        id=drive_id,
        name=wanted.name,
        dt_created=world.clock.date_time(),
        size=max(1, round(wanted.size)),
        mount_point=f"//{network.network.rpartition('.')[0]}.254/{drive_id}",
        username=drive_id,
        password=secrets.token_urlsafe(12),
        network_id=network.id,
        region=region,
    )
    _table(world).put(drive.id, drive)
    return drive


@atomic
def get(world: World, drive_id: str) -> SharedDrive:
    """Raises NotFound."""
    return _table(world).get(drive_id)


@atomic
def update(world: World, drive_id: str, changes: SharedDriveChanges) -> SharedDrive:
    """Raises NotFound."""
    drive = get(world, drive_id).model_copy(update=changes.sent())
    _table(world).put(drive_id, drive)
    return drive


@atomic
def delete(world: World, drive_id: str) -> None:
    """Raises NotFound."""
    get(world, drive_id)
    _table(world).remove(drive_id)


@atomic
def all_drives(world: World) -> list[SharedDrive]:
    return _table(world).all()


@atomic
def page(
    world: World, query: PageQuery, name: str | None = None, region: str | None = None
) -> Page[SharedDrive]:
    rows = [
        row
        for row in _table(world).rows()
        if name_matches(world, name, row.record.name)
        and (not region or same_region(region, row.record.region))
    ]
    by = (lambda found: found.name) if query.order_by == "name" else (lambda found: found.dt_created)
    return page_of(rows, query, by, world.settings.page_size)
