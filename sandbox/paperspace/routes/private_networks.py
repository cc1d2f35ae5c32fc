"""The /private-networks operations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import WorldDep, page_query, require_key
from sandbox.paperspace.state import network_membership, private_networks
from sandbox.paperspace.state.pages import PageQuery
from sandbox.paperspace.state.private_networks import NewPrivateNetwork, PrivateNetworkChanges

router = APIRouter(prefix="/private-networks", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("dtCreated", "name")]


@router.get("")
def list_networks(
    world: WorldDep, query: Query, name: str | None = None, region: str | None = None
) -> JSONResponse:
    return answers.page(world, private_networks.page(world, query, name, region))


@router.post("")
def create(world: WorldDep, body: NewPrivateNetwork) -> JSONResponse:
    return answers.one(world, network_membership.create(world, body))


@router.get("/{id}")
def get(world: WorldDep, id: str) -> JSONResponse:
    """`null` for what is not there, the default network among it (paperspace-api.md 1.5)."""
    network = private_networks.find(world, id)
    return answers.one(world, network) if network else JSONResponse(None)


@router.put("/{id}")
def update(world: WorldDep, id: str, body: PrivateNetworkChanges) -> JSONResponse:
    return answers.one(world, private_networks.update(world, id, body))


@router.delete("/{id}")
def delete(world: WorldDep, id: str) -> JSONResponse:
    network_membership.delete(world, id)
    return JSONResponse({"id": id})
