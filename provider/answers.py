"""From an HTTP response to JSON, or to the one error that it means (paperspace-api.md 1.1)."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Answer:
    """One HTTP answer as text, and what was asked; `headers` know no letter case."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def json_of(answer: Answer) -> Any:
    """The parsed body. Raises an ApiError, or UnexpectedAnswer where the body is no JSON at all."""
    if 300 <= answer.status < 400:
        where = f"{answer.method} {answer.path}"
        text = f"{where}: a redirect ({answer.status}) is no answer; check PAPERSPACE_API_URL"
        raise UnexpectedAnswer(text, status=answer.status)
    body = _parsed(answer)
    if not answer.is_success or is_error_body(body):
        raise error_of(answer, body)
    return body


def is_error_body(body: Any) -> bool:
    """A 200 may still be an error: `code` and `message` and at most three values (official CLI)."""
    return isinstance(body, dict) and {"code", "message"} <= body.keys() and len(body) <= 3


def error_of(answer: Answer, body: Any) -> ApiError:
    """The typed error for a status and a body in either of the two documented shapes."""
    content = body if isinstance(body, dict) else {}
    code = str(content.get("code") or CODE_OF_STATUS.get(answer.status, "UNKNOWN"))
    status = STATUS_OF_CODE.get(code, 500) if answer.is_success else answer.status
    default = ServerError if status >= 500 else BadRequest
    kind = ERROR_OF_STATUS.get(status, default)
    error = kind(status, code, _message(content), answer.method, answer.path)
    if isinstance(error, (RateLimited, ServerError)):
        error.retry_after = retry_after(answer.headers.get("Retry-After"))
    return error


def retry_after(header: str | None, now: dt.datetime | None = None) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as an HTTP date; None where it says nothing.

    `now`: what a date is compared with, if not the computer's clock.
    """
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
    in_utc = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (in_utc - (now or dt.datetime.now(dt.UTC))).total_seconds())


def _message(content: dict[str, Any]) -> str:
    issues = content.get("issues")
    details = [str(issue.get("message")) for issue in issues if isinstance(issue, dict)] if issues else []
    return "; ".join([str(content.get("message") or "no message"), *details])


def _parsed(answer: Answer) -> Any:
    try:
        return json.loads(answer.text)
    except ValueError:
        failure = _unparsed(answer)
    raise failure


def _unparsed(answer: Answer) -> PaperspaceError:
    is_html = "html" in answer.headers.get("Content-Type", "") or answer.text.lstrip()[:1] == "<"
    if not is_html and not answer.is_success:
        return error_of(answer, None)
    what = "an HTML page, probably of a proxy or firewall in front of the API" if is_html else "no valid JSON"
    text = f"{answer.method} {answer.path}: the answer is {what} (status {answer.status})"
    return UnexpectedAnswer(text, status=answer.status, is_html=is_html)
