"""The /custom-templates operations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import WorldDep, page_query, require_key
from sandbox.paperspace.state import custom_templates, images
from sandbox.paperspace.state.custom_templates import CustomTemplateChanges, NewCustomTemplate
from sandbox.paperspace.state.pages import PageQuery

router = APIRouter(prefix="/custom-templates", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("dtCreated", "name")]


@router.get("")
def list_templates(
    world: WorldDep,
    query: Query,
    name: str | None = None,
    machineId: str | None = None,
) -> JSONResponse:
    return answers.page(world, custom_templates.page(world, query, name, machineId))


@router.post("")
def create(world: WorldDep, body: NewCustomTemplate) -> JSONResponse:
    return answers.envelope(world, *images.create_template(world, body))


@router.get("/{id}")
def get(world: WorldDep, id: str) -> JSONResponse:
    return answers.one(world, custom_templates.get(world, id))


@router.put("/{id}")
def update(world: WorldDep, id: str, body: CustomTemplateChanges) -> JSONResponse:
    return answers.one(world, custom_templates.update(world, id, body))


@router.delete("/{id}")
def delete(world: WorldDep, id: str) -> JSONResponse:
    return answers.one(world, custom_templates.delete(world, id))
