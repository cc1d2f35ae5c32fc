"""The /machine-events operations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import ServiceDep, WorldDep, page_query, require_key
from sandbox.paperspace.state import machine_events
from sandbox.paperspace.state.pages import PageQuery

router = APIRouter(prefix="/machine-events", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("dtCreated")]


@router.get("")
def list_events(world: WorldDep, query: Query, machineId: str | None = None) -> JSONResponse:
    return answers.page(world, machine_events.page(world, query, machineId))


@router.get("/{id}")
def get(service: ServiceDep, id: str) -> JSONResponse:
    answer = answers.one(service.world, machine_events.get(service.world, id))
    service.count_read(event_id=id)
    return answer
