"""What every operation gets: the world, a valid key, a page query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request

from sandbox.paperspace.scheduler import Scheduler
from sandbox.paperspace.state import account, transitions
from sandbox.paperspace.state.errors import INVALID_INPUT, ApiError, BadRequest
from sandbox.paperspace.state.pages import PageQuery
from sandbox.paperspace.state.world import World

# How long a read waits for the boot that it made due: a slow guest must not hold the answer.
_SECONDS_FOR_A_READ = 5.0
Limit = Annotated[int | None, Query(ge=1, le=120)]
Order = Literal["asc", "desc"]


@dataclass(frozen=True)
class Service:
    """The sandbox as its operations see it."""

    world: World
    scheduler: Scheduler

    def count_read(self, *, machine_ids: Collection[str] = (), event_id: str | None = None) -> None:
        """With the clock `reads`: moves what was read one read on, after its answer was made."""
        if self.world.settings.clock == "reads" and transitions.count_read(
            self.world, machine_ids=machine_ids, event_id=event_id
        ):
            self.scheduler.settle(_SECONDS_FOR_A_READ)


async def _service(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


ServiceDep = Annotated[Service, Depends(_service)]


async def _world(service: ServiceDep) -> World:
    return service.world


WorldDep = Annotated[World, Depends(_world)]
Authorization = Annotated[str, Header()]


def is_authorized(world: World, authorization: str) -> bool:
    scheme, _, key = authorization.partition(" ")
    return scheme.lower() == "bearer" and account.is_key(world, key.strip())


async def require_key(world: WorldDep, authorization: Authorization = "") -> None:
    """Raises ApiError 401."""
    if not is_authorized(world, authorization):
        message = "Invalid API key" if authorization else "Missing API key: send Authorization: Bearer <key>"
        raise ApiError(message, "UNAUTHORIZED")


async def refuse_empty_json(request: Request) -> None:
    """The PATCH trap: a JSON content type with nothing behind it (paperspace-api.md 1.1)."""
    is_json = request.headers.get("content-type", "").startswith("application/json")
    if is_json and not await request.body():
        message = "Failed to parse request body"
        raise ApiError(message, "PARSE_ERROR")


def page_query(*order_by: str) -> Any:
    """A dependency that reads a list's parameters; the first of `order_by` is the default."""

    async def read(
        after: str | None = None,
        limit: Limit = None,
        orderBy: str = order_by[0],
        order: Order = "desc",
    ) -> PageQuery:
        if orderBy not in order_by:
            problem = f"orderBy: {orderBy!r} is not one of {', '.join(order_by)}"
            raise BadRequest(INVALID_INPUT, problems=(problem,))
        return PageQuery(after, limit, orderBy, order)

    return Depends(read)
