"""Plays the planned faults on requests under /v1, and counts every request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.paperspace.routes.cloudflare import html_page
from sandbox.paperspace.routes.connections import drop
from sandbox.paperspace.routes.errors import code_of
from sandbox.paperspace.routes.guards import Guards
from sandbox.paperspace.routes.operations import PREFIX, Operations
from sandbox.paperspace.state.faults import Fault, Faults


@dataclass
class Exchange:
    """One request on its way to the app. `take` runs the app and keeps its answer from the client."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    messages: list[Message] = field(default_factory=list)

    async def take(self) -> Response:
        await self.app(self.scope, self.receive, self._keep)
        start, body = self.messages[0], b"".join(found.get("body", b"") for found in self.messages[1:])
        return Response(body, start["status"], {"content-type": "application/json"})

    async def _keep(self, message: Message) -> None:
        self.messages.append(message)

    async def answer(self, response: Response) -> None:
        await response(self.scope, self.receive, self.send)

    async def drop(self) -> None:
        await drop(self.scope, self.receive)


class FaultInjection:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, faults: Faults, operations: Operations, guards: Guards) -> None:
        self._app, self._faults, self._operations, self._guards = app, faults, operations, guards

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX + "/"):
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        operation = self._operations.find(method, path)
        self._operations.count(operation)
        fault = self._faults.take(operation, f"{method} {path.removeprefix(PREFIX)}")
        receive, refusal = await self._guards.check(receive)
        exchange = Exchange(self._app, scope, receive, send)
        if fault:
            await _PLAYS[fault.kind](exchange, fault)
        elif refusal:
            await exchange.answer(refusal)
        else:
            await self._app(scope, receive, send)


async def _status(exchange: Exchange, fault: Fault) -> None:
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    body = {"message": fault.message, "code": code_of(fault.status)}
    await exchange.answer(JSONResponse(body, fault.status, headers))


async def _html(exchange: Exchange, fault: Fault) -> None:
    await exchange.answer(html_page(fault.status if "status" in fault.model_fields_set else 403))


async def _error_200(exchange: Exchange, fault: Fault) -> None:
    await exchange.answer(JSONResponse({"message": fault.message, "code": code_of(fault.status)}))


async def _drop_before(exchange: Exchange, fault: Fault) -> None:  # noqa: ARG001
    await exchange.drop()


async def _drop_after(exchange: Exchange, fault: Fault) -> None:  # noqa: ARG001
    await exchange.take()
    await exchange.drop()


async def _slow(exchange: Exchange, fault: Fault) -> None:
    response = await exchange.take()
    await asyncio.sleep(fault.seconds)
    await exchange.answer(response)


async def _truncate(exchange: Exchange, fault: Fault) -> None:  # noqa: ARG001
    response = await exchange.take()
    cut = response.body[: len(response.body) // 2]
    await exchange.answer(Response(bytes(cut), response.status_code, {"content-type": "application/json"}))


def _changed_by(change: Callable[[Any], Any]) -> Callable[[Exchange, Fault], Awaitable[None]]:
    async def play(exchange: Exchange, fault: Fault) -> None:  # noqa: ARG001
        response = await exchange.take()
        body = change(json.loads(bytes(response.body)))
        await exchange.answer(JSONResponse(body, response.status_code))

    return play


def _with_unknown_field(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_unknown_field(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _with_unknown_field(item) for key, item in value.items()} | {
        "newField": {"nested": [1, None]}
    }


def _with_unknown_state(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_unknown_state(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: "hibernating" if key == "state" else _with_unknown_state(item) for key, item in value.items()
    }


def _with_strings_for_integers(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_strings_for_integers(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_strings_for_integers(item) for key, item in value.items()}
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_PLAYS: dict[str, Callable[[Exchange, Fault], Awaitable[None]]] = {
    "status": _status,
    "html": _html,
    "error-200": _error_200,
    "drop-before": _drop_before,
    "drop-after": _drop_after,
    "slow": _slow,
    "truncate": _truncate,
    "unknown-field": _changed_by(_with_unknown_field),
    "unknown-state": _changed_by(_with_unknown_state),
    "string-for-integer": _changed_by(_with_strings_for_integers),
}
