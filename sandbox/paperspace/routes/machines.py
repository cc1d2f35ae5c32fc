"""The /machines operations but for accessors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes import answers
from sandbox.paperspace.routes.context import (
    ServiceDep,
    WorldDep,
    page_query,
    refuse_empty_json,
    require_key,
)
from sandbox.paperspace.state import machine_creation, machine_deletion, machine_updates, machines, power
from sandbox.paperspace.state.machine_creation import NewMachine
from sandbox.paperspace.state.machine_updates import MachineChanges
from sandbox.paperspace.state.pages import PageQuery

router = APIRouter(prefix="/machines", dependencies=[Depends(require_key)])
Query = Annotated[PageQuery, page_query("dtCreated", "name", "state")]
without_empty_json = [Depends(refuse_empty_json)]


@router.get("")
def list_machines(
    service: ServiceDep,
    query: Query,
    name: str | None = None,
    region: str | None = None,
    agentType: str | None = None,
    machineType: str | None = None,
) -> JSONResponse:
    filters = {"name": name, "region": region, "agent_type": agentType, "machine_type": machineType}
    found = machines.page(service.world, query, **filters)
    answer = answers.page(service.world, found)
    service.count_read(machine_ids=[machine.id for machine in found.items])
    return answer


@router.post("")
def create(world: WorldDep, body: NewMachine) -> JSONResponse:
    return answers.envelope(world, *machine_creation.create(world, body))


@router.get("/{id}")
def get(service: ServiceDep, id: str) -> JSONResponse:
    answer = answers.one(service.world, machines.get(service.world, id))
    service.count_read(machine_ids=[id])
    return answer


@router.put("/{id}")
def update(world: WorldDep, id: str, body: MachineChanges) -> JSONResponse:
    return answers.envelope(world, *machine_updates.update(world, id, body))


@router.delete("/{id}")
def delete(world: WorldDep, id: str) -> JSONResponse:
    return answers.envelope(world, *machine_deletion.delete(world, id))


@router.patch("/{id}/start", dependencies=without_empty_json)
def start(world: WorldDep, id: str) -> JSONResponse:
    return answers.envelope(world, *power.start(world, id))


@router.patch("/{id}/stop", dependencies=without_empty_json)
def stop(world: WorldDep, id: str) -> JSONResponse:
    return answers.envelope(world, *power.stop(world, id))


@router.patch("/{id}/restart", dependencies=without_empty_json)
def restart(world: WorldDep, id: str) -> JSONResponse:
    return answers.envelope(world, *power.restart(world, id))
