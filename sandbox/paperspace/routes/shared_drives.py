"""The /shared-drives operations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import WorldDep, page_query, require_key
from sandbox.paperspace.state import shared_drives
from sandbox.paperspace.state.pages import PageQuery
from sandbox.paperspace.state.shared_drives import NewSharedDrive, SharedDriveChanges

router = APIRouter(prefix="/shared-drives", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("dtCreated", "name")]


@router.get("")
def list_drives(
    world: WorldDep, query: Query, name: str | None = None, region: str | None = None
) -> JSONResponse:
    return answers.page(world, shared_drives.page(world, query, name, region))


@router.post("")
def create(world: WorldDep, body: NewSharedDrive) -> JSONResponse:
    return answers.one(world, shared_drives.create(world, body))


@router.get("/{id}")
def get(world: WorldDep, id: str) -> JSONResponse:
    return answers.one(world, shared_drives.get(world, id))


@router.put("/{id}")
def update(world: WorldDep, id: str, body: SharedDriveChanges) -> JSONResponse:
    return answers.one(world, shared_drives.update(world, id, body))


@router.delete("/{id}")
def delete(world: WorldDep, id: str) -> JSONResponse:
    shared_drives.delete(world, id)
    return JSONResponse({"id": id})
