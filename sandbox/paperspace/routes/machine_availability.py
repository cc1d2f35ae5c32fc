"""GET /machine-availability."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes.context import WorldDep, require_key
from sandbox.paperspace.state import machine_availability

router = APIRouter(prefix="/machine-availability", dependencies=[Depends(require_key)])


@router.get("")
def get(world: WorldDep, machineType: str, region: str) -> JSONResponse:
    return JSONResponse({"available": machine_availability.is_available(world, machineType, region)})
