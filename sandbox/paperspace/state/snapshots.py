"""Snapshots: a name and a machine; whether one is finished is only in its event (paperspace-api.md 1.3)."""

from __future__ import annotations

from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.identifiers import new_id
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.world import World, atomic


class NewSnapshot(Body):
    name: str
    machine_id: str


class SnapshotChanges(Body):
    name: str | None = None


class SnapshotRestore(Body):
    create_snapshot_before_restore: bool = False


class SnapshotOnWire(Record):
    id: str
    name: str
    machine_id: str
    is_auto_snapshot: bool = False


class Snapshot(SnapshotOnWire):
    dt_created: str


def _table(world: World) -> Table[Snapshot]:
    return world.table("snapshots", Snapshot, "Snapshot")


def add(world: World, machine_id: str, name: str) -> Snapshot:
    snapshot = Snapshot(
        id=new_id("snapshot"), name=name, machine_id=machine_id, dt_created=world.clock.date_time()
    )
    _table(world).put(snapshot.id, snapshot)
    return snapshot


@atomic
def get(world: World, snapshot_id: str) -> Snapshot:
    """Raises NotFound."""
    return _table(world).get(snapshot_id)


@atomic
def update(world: World, snapshot_id: str, changes: SnapshotChanges) -> Snapshot:
    """Raises NotFound."""
    snapshot = get(world, snapshot_id).model_copy(update=changes.sent())
    _table(world).put(snapshot_id, snapshot)
    return snapshot


def remove(world: World, snapshot_id: str) -> None:
    _table(world).remove(snapshot_id)


def remove_all(world: World, machine_id: str) -> None:
    """A machine's snapshots go with it (paperspace-api.md 1.5)."""
    for snapshot in all_snapshots(world):
        if snapshot.machine_id == machine_id:
            remove(world, snapshot.id)


@atomic
def all_snapshots(world: World) -> list[Snapshot]:
    return _table(world).all()


@atomic
def page(world: World, query: PageQuery, machine_id: str | None = None) -> Page[Snapshot]:
    rows = [row for row in _table(world).rows() if machine_id in (None, row.record.machine_id)]
    by = (lambda found: found.name) if query.order_by == "name" else (lambda found: found.dt_created)
    return page_of(rows, query, by, world.settings.page_size)
