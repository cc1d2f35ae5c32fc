"""The /machines/{id}/accessors operations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import WorldDep, page_query, require_key
from sandbox.paperspace.state import accessors
from sandbox.paperspace.state.accessors import NewAccessor
from sandbox.paperspace.state.pages import PageQuery

router = APIRouter(prefix="/machines/{id}/accessors", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("id")]


@router.get("")
def list_accessors(world: WorldDep, id: str, query: Query) -> JSONResponse:
    return answers.page(world, accessors.page(world, id, query))


@router.post("")
def add(world: WorldDep, id: str, body: NewAccessor) -> JSONResponse:
    return answers.one(world, accessors.add(world, id, body.user_id))


@router.get("/{userId}")
def get(world: WorldDep, id: str, userId: str) -> JSONResponse:
    return answers.one(world, accessors.get(world, id, userId))


@router.delete("/{userId}")
def remove(world: WorldDep, id: str, userId: str) -> JSONResponse:
    return answers.one(world, accessors.remove(world, id, userId))
