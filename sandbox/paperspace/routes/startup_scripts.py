"""The /startup-scripts operations; the text is never given back (paperspace-api.md 1.3)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import WorldDep, page_query, require_key
from sandbox.paperspace.state import machines, startup_scripts
from sandbox.paperspace.state.pages import PageQuery
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.startup_scripts import NewStartupScript, StartupScriptChanges

router = APIRouter(prefix="/startup-scripts", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("dtCreated", "name")]


class Assignment(Body):
    machine_id: str


@router.get("")
def list_scripts(world: WorldDep, query: Query, name: str | None = None) -> JSONResponse:
    return answers.page(world, startup_scripts.page(world, query, name))


@router.post("")
def create(world: WorldDep, body: NewStartupScript) -> JSONResponse:
    return answers.one(world, startup_scripts.create(world, body))


@router.get("/{id}")
def get(world: WorldDep, id: str) -> JSONResponse:
    return answers.one(world, startup_scripts.get(world, id))


@router.put("/{id}")
def update(world: WorldDep, id: str, body: StartupScriptChanges) -> JSONResponse:
    return answers.one(world, startup_scripts.update(world, id, body))


@router.delete("/{id}")
def delete(world: WorldDep, id: str) -> JSONResponse:
    return answers.one(world, startup_scripts.delete(world, id))


@router.post("/{id}/assign")
def assign(world: WorldDep, id: str, body: Assignment) -> JSONResponse:
    with world.transaction():
        machines.changeable(world, body.machine_id)
        return answers.one(world, startup_scripts.assign(world, id, body.machine_id))


@router.post("/{id}/unassign")
def unassign(world: WorldDep, id: str, body: Assignment) -> JSONResponse:
    return answers.one(world, startup_scripts.unassign(world, id, body.machine_id))
