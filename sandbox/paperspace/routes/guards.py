"""What stands before every operation: a rate limit, and Cloudflare's block of a text."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive

from sandbox.paperspace.routes.cloudflare import html_page
from sandbox.paperspace.state.world import World


class Guards:
    """Counts requests by the minute of the sandbox's clock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._minute = 0
        self._in_minute = 0

    async def check(self, receive: Receive) -> tuple[Receive, Response | None]:
        """The refusal, if there is one; and how the request's body is read from here on."""
        refusal = self._too_many()
        if refusal or not self._world.settings.blocked_text:
            return receive, refusal
        body = await _read(receive)
        blocked = self._world.settings.blocked_text.encode() in body
        return _again(body, receive), html_page(403) if blocked else None

    def _too_many(self) -> Response | None:
        limit, now = self._world.settings.requests_per_minute, self._world.clock.now()
        if int(now // 60) != self._minute:
            self._minute, self._in_minute = int(now // 60), 0
        self._in_minute += 1
        if not limit or self._in_minute <= limit:
            return None
        body = {"message": f"More than {limit} requests in a minute", "code": "TOO_MANY_REQUESTS"}
        return JSONResponse(body, 429, {"retry-after": str(60 - int(now % 60))})


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    unread = [body]

    async def read() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return read
