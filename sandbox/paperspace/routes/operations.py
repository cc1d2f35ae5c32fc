"""The names of the operations that are served, as in the OpenAPI document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import compile_path

PREFIX = "/v1"
UNKNOWN = "unknown"


class Operations:
    """Finds an operation's name for a request, and counts the requests of each."""

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
        self._patterns: list[tuple[str, re.Pattern[str], str]] = [
            (method, compile_path(PREFIX + route.path)[0], f"{method} {route.path}")
            for route in routes
            for method in route.methods or ()
        ]
        self._requests: Counter[str] = Counter()

    @property
    def names(self) -> list[str]:
        return sorted(name for _, _, name in self._patterns)

    def find(self, method: str, path: str) -> str:
        """Such as "GET /machines/{id}"; "unknown" for what is not served."""
        found = (name for known, pattern, name in self._patterns if known == method and pattern.match(path))
        return next(found, UNKNOWN)

    def count(self, name: str) -> None:
        self._requests[name] += 1

    @property
    def requests(self) -> dict[str, int]:
        """Requests by operation since the sandbox started, those that met a fault included."""
        return dict(sorted(self._requests.items()))
