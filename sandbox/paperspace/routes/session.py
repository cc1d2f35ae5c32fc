"""GET /auth/session: 200 with `null` when the key is not valid (paperspace-api.md 1.4)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from sandbox.paperspace.routes.context import Authorization, WorldDep, is_authorized
from sandbox.paperspace.state import account

router = APIRouter(prefix="/auth")


@router.get("/session")
def get(world: WorldDep, authorization: Authorization = "") -> JSONResponse:
    return JSONResponse(account.session(world) if is_authorized(world, authorization) else None)
