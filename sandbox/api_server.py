"""uvicorn in a thread: started when it serves, and ended when it was told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from sandbox.paperspace.routes.connections import Connection

_START_SECONDS = 30
_GRACE_SECONDS = 2


class _Server(uvicorn.Server):
    """uvicorn, saying when it serves, and ended by a word instead of by looking ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = threading.Event()

    async def main_loop(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self.serving.set()
        await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Lets requests finish for a while; uvicorn's own waits a tenth of a second in any case."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                while self.server_state.connections:
                    await asyncio.sleep(0.002)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)


class ApiServer:
    """Serves an application on a socket that listens already."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="api", daemon=True)

    def start(self) -> None:
        """Returns when it serves. Raises TimeoutError."""
        self._thread.start()
        if not self._server.serving.wait(_START_SECONDS):
            message = f"The API did not start within {_START_SECONDS} seconds"
            raise TimeoutError(message)

    def stop(self) -> None:
        """Returns when no request is served any more."""
        self._server.end()
        self._thread.join()
