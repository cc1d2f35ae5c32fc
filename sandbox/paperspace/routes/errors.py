"""Errors as the API writes them: `{message, code}`, and `issues` or `details` (paperspace-api.md 1.1)."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from sandbox.paperspace.state.errors import INVALID_INPUT, STATUS_OF_CODE, ApiError

log = logging.getLogger(__name__)
NOT_JSON = "Failed to parse request body"
_CODE_OF_STATUS = {status: code for code, status in STATUS_OF_CODE.items() if code != "PARSE_ERROR"}


def error(message: str, code: str, **more: Any) -> JSONResponse:
    return JSONResponse({"message": message, "code": code, **more}, STATUS_OF_CODE[code])


def code_of(status: int) -> str:
    """The code of a status; of one that has none, the nearest."""
    return _CODE_OF_STATUS.get(status, "BAD_REQUEST" if status < 500 else "INTERNAL_SERVER_ERROR")


def handle_errors(app: FastAPI) -> None:
    app.exception_handler(ApiError)(_api_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(_not_served)
    app.exception_handler(Exception)(_unexpected)


async def _api_error(request: Request, raised: ApiError) -> JSONResponse:
    return error(raised.message, raised.actual_code, **_problems(request, list(raised.problems)))


async def _validation_error(request: Request, raised: RequestValidationError) -> JSONResponse:
    found = raised.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return error(NOT_JSON, "PARSE_ERROR")
    problems = [f"{'.'.join(map(str, one['loc'][1:])) or one['loc'][0]}: {one['msg']}" for one in found]
    return error(INVALID_INPUT, "BAD_REQUEST", **_problems(request, problems))


def _problems(request: Request, problems: list[str]) -> dict[str, Any]:
    if not problems:
        return {}
    if request.app.state.service.world.settings.validation_errors == "details":
        return {"details": {"issues": problems}}
    return {"issues": [{"message": problem} for problem in problems]}


async def _not_served(request: Request, raised: HTTPException) -> JSONResponse:
    if raised.status_code == 400:  # a body that is not even text
        return error(NOT_JSON, "PARSE_ERROR")
    if raised.status_code == 405:
        return error(f"{request.method} is not supported here", "METHOD_NOT_SUPPORTED")
    message = (
        f"The sandbox does not have {request.method} {request.url.path}; sandbox/README.md lists what it has"
    )
    return error(message, "NOT_IMPLEMENTED")


async def _unexpected(request: Request, raised: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=raised)
    return error("Internal server error", "INTERNAL_SERVER_ERROR")
