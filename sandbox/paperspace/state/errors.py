"""Errors of the API, with the status that each code has (paperspace-api.md 1.1).

ApiError
├── BadRequest            400 BAD_REQUEST
├── Forbidden             403 FORBIDDEN
├── NotFound              404 NOT_FOUND
├── Conflict              409 CONFLICT
└── PreconditionFailed    412 PRECONDITION_FAILED
"""

from __future__ import annotations

from typing import ClassVar

INVALID_INPUT = "Input validation failed"
STATUS_OF_CODE = {
    "PARSE_ERROR": 400,
    "BAD_REQUEST": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_SUPPORTED": 405,
    "TIMEOUT": 408,
    "CONFLICT": 409,
    "PRECONDITION_FAILED": 412,
    "PAYLOAD_TOO_LARGE": 413,
    "TOO_MANY_REQUESTS": 429,
    "CLIENT_CLOSED_REQUEST": 499,
    "INTERNAL_SERVER_ERROR": 500,
    "NOT_IMPLEMENTED": 501,
}


class ApiError(Exception):
    """An answer `{message, code}`; `problems` are the parts of a failed validation."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"

    def __init__(self, message: str, code: str | None = None, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.actual_code = code or self.code
        self.problems = problems

    @property
    def status(self) -> int:
        return STATUS_OF_CODE[self.actual_code]


class BadRequest(ApiError):
    code = "BAD_REQUEST"


class Forbidden(ApiError):
    code = "FORBIDDEN"


class NotFound(ApiError):
    code = "NOT_FOUND"


class Conflict(ApiError):
    code = "CONFLICT"


class PreconditionFailed(ApiError):
    code = "PRECONDITION_FAILED"
