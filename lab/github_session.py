"""GitHub's REST API: one session, sent again where GitHub is busy, with errors that say what to do."""

from __future__ import annotations

import os
from typing import Any, Self

import requests
import stamina

from lab.errors import LabError

API = "https://api.github.com"
SECONDS = (5.0, 30.0)
ATTEMPTS = 5
LONGEST_PAUSE = 60.0


class GitHubRefused(LabError):
    """GitHub answered with an error; the text says what to do about the usual ones."""


class Busy(Exception):
    """GitHub is overloaded, or asks to wait `seconds`."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(f"wait {seconds}")
        self.seconds = seconds


class GitHubSession:
    """Calls as the owner of `token`; a context manager."""

    def __init__(self, token: str, api: str = API) -> None:
        self.api = api.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update(
            {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def call(self, method: str, url: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Sent again on lost connections, 429, 5xx and GitHub's secondary limit. Raises GitHubRefused."""
        try:
            for attempt in stamina.retry_context(
                on=pause_for, attempts=ATTEMPTS, timeout=300, wait_initial=0.5, wait_max=10
            ):
                with attempt:
                    return self.send(method, url, body)
        except (requests.RequestException, Busy) as failure:
            message = f"GitHub could not be reached: {method} {url}: {type(failure).__name__}"
            raise GitHubRefused(message) from None
        raise AssertionError(method)

    def send(self, method: str, url: str, body: dict[str, Any] | None) -> requests.Response:
        answer = self._session.request(method, url, json=body, timeout=SECONDS)
        if answer.ok or (method == "DELETE" and answer.status_code == requests.codes.not_found):
            return answer
        if is_busy(answer):
            raise Busy(asked_pause(answer))
        raise GitHubRefused(refusal(answer, method, url))


def is_busy(answer: requests.Response) -> bool:
    limited = answer.status_code in (403, 429) and (
        "Retry-After" in answer.headers or answer.headers.get("X-RateLimit-Remaining") == "0"
    )
    return limited or answer.status_code >= 500


def asked_pause(answer: requests.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), LONGEST_PAUSE) if text.isdecimal() else None


def pause_for(failure: Exception) -> bool | float:
    if isinstance(failure, Busy):
        return failure.seconds if failure.seconds is not None else True
    return isinstance(failure, (requests.ConnectionError, requests.Timeout))


def refusal(answer: requests.Response, method: str, url: str) -> str:
    try:
        told = str(answer.json().get("message", ""))
    except (ValueError, AttributeError):
        told = ""
    fixes = {
        401: "; GITHUB_TOKEN is not valid",
        403: "; the token may not comment: `permissions: pull-requests: write` (a fork's never may)",
        404: "; is --pull-request right, and may the token see this repository?",
    }
    return f"GitHub refused {method} {url}: {answer.status_code} {told}{fixes.get(answer.status_code, '')}"


def token_from_environment() -> str:
    """Raises LabError where there is none."""
    if token := os.environ.get("GITHUB_TOKEN", ""):
        return token
    message = "no GITHUB_TOKEN; in a workflow: env: GITHUB_TOKEN: ${{ github.token }}"
    raise LabError(message)
