"""The /public-ips operations; there is no GET of one address (paperspace-api.md 1.4)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import WorldDep, page_query, require_key
from sandbox.paperspace.state import address_assignment, public_ips
from sandbox.paperspace.state.pages import PageQuery
from sandbox.paperspace.state.requests import Body

router = APIRouter(prefix="/public-ips", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("dtCreated")]


class NewPublicIp(Body):
    region: str


class Assignment(Body):
    nullable: ClassVar[frozenset[str]] = frozenset({"machineId"})
    machine_id: str | None


@router.get("")
def list_addresses(world: WorldDep, query: Query, region: str | None = None) -> JSONResponse:
    return answers.page(world, public_ips.page(world, query, region))


@router.post("")
def claim(world: WorldDep, body: NewPublicIp) -> JSONResponse:
    return answers.one(world, public_ips.claim(world, body.region))


@router.put("/{ip}")
def assign(world: WorldDep, ip: str, body: Assignment) -> JSONResponse:
    return answers.one(world, address_assignment.assign(world, ip, body.machine_id))


@router.delete("/{ip}")
def release(world: WorldDep, ip: str) -> JSONResponse:
    address_assignment.release(world, ip)
    return JSONResponse({"ip": ip})
