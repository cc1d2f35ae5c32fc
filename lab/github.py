"""Comments under a pull request, through GitHub's REST API (docs.github.com/rest/issues/comments)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import stamina

from lab.errors import LabError

API = "https://api.github.com"
SECONDS = (5.0, 30.0)
A_PAGE = 100
ATTEMPTS = 5
LONGEST_PAUSE = 60.0


class GitHubRefused(LabError):
    """GitHub answered with an error; the text says what to do about the usual ones."""


@dataclass(frozen=True)
class Comment:
    """One comment; `body` as it stands there."""

    id: int
    body: str
    author: str
    by_bot: bool


class Busy(Exception):
    """GitHub is overloaded, or asks to wait `seconds`."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(f"wait {seconds}")
        self.seconds = seconds


class PullRequest:
    """One pull request of `repository` (owner/name)."""

    def __init__(self, repository: str, number: int, token: str, api: str = API) -> None:
        self._url = f"{api.rstrip('/')}/repos/{repository}/issues"
        self._api = api.rstrip("/")
        self._number = number
        self._session = requests.Session()
        self._session.headers.update(
            {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        )

    def __enter__(self) -> PullRequest:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def put(self, marker: str, body: str) -> str:
        """Writes `body` over our own comment that begins with `marker`, or as a new one; its address.

        Of several (two runs at once) the oldest stays. Raises GitHubRefused.
        """
        own = self.own_comments(marker)
        if not own:
            return self._create(marker, body)
        for extra in own[1:]:
            self._call("DELETE", f"{self._url}/comments/{extra.id}")
        return str(
            self._call("PATCH", f"{self._url}/comments/{own[0].id}", {"body": body}).json()["html_url"]
        )

    def own_comments(self, marker: str) -> list[Comment]:
        """Ours, oldest first: others may quote the marker, and theirs are not to be overwritten."""
        me = self._login()
        found = [each for each in self.comments() if each.body.startswith(marker)]
        own = [each for each in found if (each.author == me if me else each.by_bot)]
        return sorted(own, key=lambda each: each.id)

    def comments(self) -> Iterator[Comment]:
        """All of them, over all pages."""
        url: str | None = f"{self._url}/{self._number}/comments?per_page={A_PAGE}"
        while url:
            answer = self._call("GET", url)
            for item in answer.json():
                user = item.get("user") or {}
                yield Comment(
                    item["id"], item.get("body") or "", user.get("login", ""), user.get("type") == "Bot"
                )
            url = answer.links.get("next", {}).get("url")

    def _login(self) -> str | None:
        """Whose token it is; None for a workflow's own token, which may not ask."""
        try:
            return str(self._call("GET", f"{self._api}/user").json()["login"])
        except GitHubRefused:
            return None

    def _create(self, marker: str, body: str) -> str:
        """A POST whose reply was lost may have worked: look before it is sent again."""
        url = f"{self._url}/{self._number}/comments"
        try:
            return str(self._send("POST", url, {"body": body}).json()["html_url"])
        except (requests.ConnectionError, requests.Timeout, Busy):
            if own := self.own_comments(marker):
                return f"comment {own[0].id}"
            return str(self._call("POST", url, {"body": body}).json()["html_url"])

    def _call(self, method: str, url: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Sent again on lost connections, 429, 5xx and GitHub's secondary limit. Raises GitHubRefused."""
        try:
            for attempt in stamina.retry_context(
                on=pause_for, attempts=ATTEMPTS, timeout=300, wait_initial=0.5, wait_max=10
            ):
                with attempt:
                    return self._send(method, url, body)
        except (requests.RequestException, Busy) as failure:
            message = f"GitHub could not be reached: {method} {url}: {type(failure).__name__}"
            raise GitHubRefused(message) from None
        raise AssertionError(method)

    def _send(self, method: str, url: str, body: dict[str, Any] | None) -> requests.Response:
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
