"""The sandbox's own operations, outside /v1: what a test or a person does behind the account's back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sandbox.paperspace.control import Control
from sandbox.paperspace.routes.context import require_key
from sandbox.paperspace.state.errors import INVALID_INPUT, BadRequest
from sandbox.paperspace.state.faults import Fault

router = APIRouter(prefix="/sandbox")


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    advance: float = Field(ge=0)


class CapacityChange(BaseModel):
    """silent_failure: true for every boot, or how many."""

    model_config = ConfigDict(extra="forbid")
    machine_type: str
    region: str
    available: bool = True
    silent_failure: bool | int = False

    @model_validator(mode="after")
    def refuse_negative(self) -> CapacityChange:
        if self.silent_failure < 0:
            message = "silent_failure: true, false, or how many boots fail"
            raise ValueError(message)
        return self


def _control(request: Request) -> Control:
    control = request.app.state.control
    assert isinstance(control, Control)
    return control


@router.get("/state")
def state(request: Request) -> JSONResponse:
    return JSONResponse(_control(request).state())


@router.get("/mail", dependencies=[Depends(require_key)])
def mail(request: Request) -> JSONResponse:
    """The passwords that Paperspace would have sent; needs the account's key."""
    return JSONResponse(_control(request).mail())


@router.post("/faults")
def add_fault(request: Request, body: Fault) -> JSONResponse:
    _control(request).plan_fault(body)
    return JSONResponse(_control(request).faults())


@router.get("/faults")
def faults(request: Request) -> JSONResponse:
    return JSONResponse(_control(request).faults())


@router.delete("/faults")
def clear_faults(request: Request) -> JSONResponse:
    _control(request).clear_faults()
    return JSONResponse([])


@router.get("/settings")
def settings(request: Request) -> JSONResponse:
    return JSONResponse(_control(request).settings.model_dump(mode="json"))


@router.put("/settings")
def change_settings(request: Request, body: dict[str, Any]) -> JSONResponse:
    try:
        changed = _control(request).change_settings(**body)
    except ValidationError as error:
        problems = tuple(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise BadRequest(INVALID_INPUT, problems=problems) from error
    return JSONResponse(changed.model_dump(mode="json"))


@router.post("/clock")
def advance(request: Request, body: Advance) -> JSONResponse:
    """Answers when everything that came due is done."""
    return JSONResponse({"settled": _control(request).advance(body.advance)})


@router.post("/capacity")
def set_capacity(request: Request, body: CapacityChange) -> JSONResponse:
    change = body.model_dump()
    _control(request).set_capacity(change.pop("machine_type"), change.pop("region"), **change)
    return JSONResponse(_control(request).state()["capacities"])


@router.post("/machines/{id}/power-off")
def power_off(request: Request, id: str) -> JSONResponse:
    """The machine stops by itself, as after a night."""
    _control(request).power_off(id)
    return JSONResponse({"id": id})
