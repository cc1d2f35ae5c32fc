"""Users who may use a machine (paperspace-api.md 1.3)."""

from __future__ import annotations

from typing import Any

from sandbox.paperspace.state import account, machines
from sandbox.paperspace.state.database import Record, Row
from sandbox.paperspace.state.errors import NotFound
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.world import World, atomic


class NewAccessor(Body):
    user_id: str


class Accessor(Record):
    user: dict[str, Any]
    dt_deleted: str | None = None


def _accessor(user_id: str) -> Accessor:
    return Accessor(user={**account.USERS[user_id], "publicProfileImageUrl": None})


@atomic
def add(world: World, machine_id: str, user_id: str) -> Accessor:
    """Nothing changes for one who is there. Raises NotFound, Conflict."""
    machine = machines.changeable(world, machine_id)
    account.refuse_unknown_users([user_id])
    others = [known for known in machine.accessor_ids if known != user_id]
    machines.change(world, machine, accessor_ids=[*others, user_id])
    return _accessor(user_id)


@atomic
def get(world: World, machine_id: str, user_id: str) -> Accessor:
    """Raises NotFound."""
    if user_id not in machines.get(world, machine_id).accessor_ids:
        message = f"Accessor not found: {user_id}"
        raise NotFound(message)
    return _accessor(user_id)


@atomic
def remove(world: World, machine_id: str, user_id: str) -> Accessor:
    """The accessor with the date of its end. Raises NotFound, Conflict."""
    accessor = get(world, machine_id, user_id)
    machine = machines.changeable(world, machine_id)
    others = [known for known in machine.accessor_ids if known != user_id]
    machines.change(world, machine, accessor_ids=others)
    return accessor.model_copy(update={"dt_deleted": world.clock.date_time()})


@atomic
def page(world: World, machine_id: str, query: PageQuery) -> Page[Accessor]:
    """Raises NotFound."""
    user_ids = machines.get(world, machine_id).accessor_ids
    rows = [Row(place, _accessor(user_id)) for place, user_id in enumerate(user_ids)]
    return page_of(rows, query, lambda accessor: accessor.user["id"], world.settings.page_size)
