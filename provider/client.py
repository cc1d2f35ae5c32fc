"""The only way to Paperspace's HTTP API. Knows requests and answers, nothing of machines."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import stamina

from provider.answers import Answer, json_of
from provider.endpoint import DEFAULT_URL, is_loopback, usable_url
from provider.errors import NotDelivered, PaperspaceError, ReplyLost, UnexpectedAnswer
from provider.retrying import ATTEMPTS, SECONDS_IN_ALL, backoff

PAGE_SIZE = 120
"""The documented maximum (paperspace-api.md 1.1, pagination)."""

CONNECT_AND_READ_SECONDS = (5.0, 30.0)
SAME_PAGE = "GET {path}: the API names a page as the next one that was read already"
LOST_PAGE = "GET {path}: the API says that there are more items but names no next page"

Json = Mapping[str, Any]


class BearerToken(requests.auth.AuthBase):
    """Sets the Authorization header itself, so that no ~/.netrc entry takes its place."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


class PaperspaceClient:
    """Sends one request and returns its JSON, or raises one of provider.errors.

    Thread-safe: each thread has its own requests.Session. The API key is in no repr and no error.
    `timeout` is (connect, read) in seconds.
    """

    def __init__(
        self,
        api_key: str,
        url: str = DEFAULT_URL,
        *,
        timeout: tuple[float, float] = CONNECT_AND_READ_SECONDS,
    ) -> None:
        self.url = usable_url(url)
        self._auth = BearerToken(api_key)
        self._timeout = timeout
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def __repr__(self) -> str:
        return f"PaperspaceClient({self.url!r})"

    def __enter__(self) -> PaperspaceClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection."""
        for session in self._sessions:
            session.close()

    def get(self, path: str, query: Json | None = None) -> Any:
        """One GET."""
        return self._request("GET", path, query=query)

    def post(self, path: str, body: Json) -> Any:
        """One POST. Raises EffectUnknown or ServerError where it may have had its effect."""
        return self._request("POST", path, body=body)

    def put(self, path: str, body: Json) -> Any:
        """One PUT."""
        return self._request("PUT", path, body=body)

    def patch(self, path: str) -> Any:
        """One PATCH with neither body nor content type (paperspace-api.md 1.1, "PATCH trap")."""
        return self._request("PATCH", path)

    def delete(self, path: str) -> Any:
        """One DELETE."""
        return self._request("DELETE", path)

    def items(self, path: str, query: Json | None = None) -> Iterator[Any]:
        """Every item of a list, page by page."""
        page, cursors = {"limit": PAGE_SIZE, **(query or {})}, set()
        while True:
            answer = self.get(path, page)
            if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
                text = f"GET {path}: the answer is not a page of items"
                raise UnexpectedAnswer(text)
            yield from answer["items"]
            if not answer.get("hasMore"):
                return
            cursor = _next_page(path, answer)
            if cursor in cursors:
                raise UnexpectedAnswer(SAME_PAGE.format(path=path))
            cursors.add(cursor)
            page = page | {"after": cursor}

    def _request(self, method: str, path: str, *, query: Json | None = None, body: Json | None = None) -> Any:
        for attempt in stamina.retry_context(
            on=backoff(method), attempts=ATTEMPTS, timeout=SECONDS_IN_ALL, wait_initial=0.5, wait_max=10.0
        ):
            with attempt:
                return json_of(self._exchange(method, path, query, body))
        raise AssertionError(method)

    def _exchange(self, method: str, path: str, query: Json | None, body: Json | None) -> Answer:
        try:
            response = self._session().request(
                method,
                self.url + path,
                params=dict(query) if query else None,
                json=dict(body) if body is not None else None,
                auth=self._auth,
                timeout=self._timeout,
                allow_redirects=False,
            )
            return Answer(method, path, response.status_code, response.headers, _text(response))
        except requests.RequestException as failure:
            error = transport_error(failure, method, path, self.url)
        raise error

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = not is_loopback(self.url)
            self._local.session = session
            self._sessions.append(session)
        return self._local.session  # type: ignore[no-any-return]


def segment(value: str) -> str:
    """A value made safe to stand between two slashes of a path."""
    return quote(value, safe="")


def transport_error(failure: requests.RequestException, method: str, path: str, url: str) -> PaperspaceError:
    """NotDelivered where no connection was made, else ReplyLost. Holds nothing of the request's headers."""
    if _was_never_connected(failure):
        return NotDelivered(f"{method} {path}: no connection to {urlsplit(url).netloc}")
    kind = type(failure).__name__
    return ReplyLost(f"{method} {path}: the connection to {urlsplit(url).netloc} broke off ({kind})")


def _was_never_connected(failure: requests.RequestException) -> bool:
    if isinstance(failure, (requests.ConnectTimeout, requests.exceptions.SSLError)):
        return True
    cause = failure.args[0] if failure.args else None
    kinds = type(getattr(cause, "reason", None)).__mro__
    return any(kind.__name__ == "NewConnectionError" for kind in kinds)


def _text(response: requests.Response) -> str:
    """JSON is UTF-8; requests would guess."""
    return response.content.decode("utf-8", "replace")


def _next_page(path: str, answer: dict[str, Any]) -> str:
    if not answer.get("nextPage"):
        raise UnexpectedAnswer(LOST_PAGE.format(path=path))
    return str(answer["nextPage"])
