"""From an HTTP response to JSON, or to the one error that it means (paperspace-api.md 1.1)."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Mapping
from typing import Any

import requests

from provider.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PaperspaceError,
    RateLimited,
    ServerError,
    Unauthorized,
    UnexpectedAnswer,
)

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
}
CODE_OF_STATUS = {status: code for code, status in STATUS_OF_CODE.items() if code != "PARSE_ERROR"}

ERROR_OF_STATUS: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: ServerError,
    409: Conflict,
    412: Conflict,
    429: RateLimited,
    499: ServerError,
}


def json_of(response: requests.Response) -> Any:
    """The parsed body. Raises an ApiError, or UnexpectedAnswer where the body is no JSON at all."""
    method, path = str(response.request.method), response.request.path_url.partition("?")[0]
    if 300 <= response.status_code < 400:
        text = f"{method} {path}: a redirect ({response.status_code}) is no answer; check PAPERSPACE_API_URL"
        raise UnexpectedAnswer(text, status=response.status_code)
    body = _parsed(response, method, path)
    if not response.ok or is_error_body(body):
        raise error_of(response.status_code, body, method, path, response.headers)
    return body


def is_error_body(body: Any) -> bool:
    """A 200 may still be an error: `code` and `message` and at most three values (official CLI)."""
    return isinstance(body, dict) and {"code", "message"} <= body.keys() and len(body) <= 3


def error_of(status: int, body: Any, method: str, path: str, headers: Mapping[str, str]) -> ApiError:
    """The typed error for a status and a body in either of the two documented shapes."""
    content = body if isinstance(body, dict) else {}
    code = str(content.get("code") or CODE_OF_STATUS.get(status, "UNKNOWN"))
    if status < 400:
        status = STATUS_OF_CODE.get(code, 500)
    default = ServerError if status >= 500 else BadRequest
    error = ERROR_OF_STATUS.get(status, default)(status, code, _message(content), method, path)
    if isinstance(error, (RateLimited, ServerError)):
        error.retry_after = retry_after(headers.get("Retry-After"))
    return error


def retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as an HTTP date; None where it says nothing."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())


def _message(content: dict[str, Any]) -> str:
    issues = content.get("issues")
    details = [str(issue.get("message")) for issue in issues if isinstance(issue, dict)] if issues else []
    return "; ".join([str(content.get("message") or "no message"), *details])


def _parsed(response: requests.Response, method: str, path: str) -> Any:
    try:
        return response.json()
    except ValueError:
        failure = _unparsed(response, method, path)
    raise failure


def _unparsed(response: requests.Response, method: str, path: str) -> PaperspaceError:
    is_html = "html" in response.headers.get("Content-Type", "") or response.text.lstrip()[:1] == "<"
    if not is_html and not response.ok:
        return error_of(response.status_code, None, method, path, response.headers)
    what = "an HTML page, probably of a proxy or firewall in front of the API" if is_html else "no valid JSON"
    text = f"{method} {path}: the answer is {what} (status {response.status_code})"
    return UnexpectedAnswer(text, status=response.status_code, is_html=is_html)
