"""GET /os-templates: the one operation that needs no key (paperspace-api.md 1.1)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import WorldDep, page_query
from sandbox.paperspace.state import os_templates
from sandbox.paperspace.state.pages import PageQuery

router = APIRouter(prefix="/os-templates")
Query = Annotated[PageQuery, page_query("name")]


@router.get("")
def list_templates(world: WorldDep, query: Query, name: str | None = None) -> JSONResponse:
    return answers.page(world, os_templates.page(world, query, name))
