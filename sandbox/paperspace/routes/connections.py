"""The server's open connections, so that one can be dropped without an answer."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_Ends = tuple[tuple[str, int], tuple[str, int]]
_open: dict[_Ends, asyncio.Transport] = {}


class Connection(H11Protocol):
    """uvicorn's HTTP protocol; it also makes its transport findable by the two ends of the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _open[_ends(transport)] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _open.pop(_ends(self.transport), None)
        super().connection_lost(exc)


def _ends(transport: asyncio.Transport) -> _Ends:
    client: Any = transport.get_extra_info("peername")
    server: Any = transport.get_extra_info("sockname")
    return tuple(client), tuple(server)


async def drop(scope: Scope, receive: Receive) -> None:
    """Cuts the request's connection; the client gets nothing, not even a status line."""
    transport = _open[tuple(scope["client"]), tuple(scope["server"])]
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
