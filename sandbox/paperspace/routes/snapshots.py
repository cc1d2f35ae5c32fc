"""The /snapshots operations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import WorldDep, page_query, require_key
from sandbox.paperspace.state import images, snapshots
from sandbox.paperspace.state.pages import PageQuery
from sandbox.paperspace.state.snapshots import NewSnapshot, SnapshotChanges, SnapshotRestore

router = APIRouter(prefix="/snapshots", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("dtCreated", "name")]


@router.get("")
def list_snapshots(world: WorldDep, query: Query, machineId: str | None = None) -> JSONResponse:
    return answers.page(world, snapshots.page(world, query, machineId))


@router.post("")
def create(world: WorldDep, body: NewSnapshot) -> JSONResponse:
    return answers.envelope(world, *images.create_snapshot(world, body))


@router.get("/{id}")
def get(world: WorldDep, id: str) -> JSONResponse:
    return answers.one(world, snapshots.get(world, id))


@router.put("/{id}")
def update(world: WorldDep, id: str, body: SnapshotChanges) -> JSONResponse:
    return answers.one(world, snapshots.update(world, id, body))


@router.delete("/{id}")
def delete(world: WorldDep, id: str) -> JSONResponse:
    return answers.envelope(world, *images.delete_snapshot(world, id))


@router.post("/{id}/restore")
def restore(world: WorldDep, id: str, body: SnapshotRestore) -> JSONResponse:
    return answers.envelope(world, *images.restore_snapshot(world, id, body))
