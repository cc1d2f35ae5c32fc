"""The event stream of a run, in the shape of the CLI's event log: to displays, a JSON-lines file, or a gRPC
listener."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sandbox.engine.state import is_default_provider
from sandbox.engine.values import PropertyMap

Listener = Callable[[PropertyMap], None]


class Events:
    """Numbers each event and hands it to every listener, one at a time."""

    def __init__(self, listeners: list[Listener]) -> None:
        self._listeners = listeners
        self._lock = threading.Lock()
        self._sequence = 0

    def emit(self, kind: str, body: PropertyMap) -> None:
        with self._lock:
            event = {"sequence": self._sequence, "timestamp": int(time.time()), kind: body}
            self._sequence += 1
            for listener in self._listeners:
                listener(event)

    def diagnostic(
        self, severity: str, message: str, urn: str = "", ephemeral: bool = False, stream: int = 0
    ) -> None:
        body: PropertyMap = {"urn": urn} if urn else {}
        if severity != "info" and not severity.startswith("info#"):
            body["prefix"] = f"{severity}: "
        body |= {
            "message": message if message.endswith("\n") else f"{message}\n",
            "color": "never",
            "severity": severity,
        }
        body |= {"streamID": stream} if stream else {}
        self.emit("diagnosticEvent", body | ({"ephemeral": True} if ephemeral else {}))


def without_default_providers(display: Listener) -> Listener:
    """`display`, which is not told of the providers that nobody asked for; event logs are."""

    def listen(event: PropertyMap) -> None:
        bodies = [body for body in event.values() if isinstance(body, dict)]
        if not is_default_provider(bodies[0].get("metadata", {}).get("urn", "")):
            display(event)

    return listen


def event_log(target: str) -> tuple[Listener, Callable[[], None]]:
    """A listener for `--event-log` and the function that ends it; `tcp://host:port` is a gRPC Events
    service."""
    if target.startswith("tcp://"):
        return _grpc_log(target.removeprefix("tcp://"))
    file = Path(target).open("a", encoding="utf-8")  # noqa: SIM115 its close is returned

    def write(event: PropertyMap) -> None:
        file.write(json.dumps(event, separators=(",", ":"), ensure_ascii=False) + "\n")
        file.flush()

    return write, file.close


def _grpc_log(address: str) -> tuple[Listener, Callable[[], None]]:
    import grpc
    from pulumi.runtime.proto import events_pb2, events_pb2_grpc

    waiting: queue.SimpleQueue[PropertyMap | None] = queue.SimpleQueue()

    def requests() -> Iterator[Any]:
        while (event := waiting.get()) is not None:
            yield events_pb2.EventRequest(event=json.dumps(event))

    channel = grpc.insecure_channel(address)
    stream = events_pb2_grpc.EventsStub(channel).StreamEvents.future(requests())

    def finish() -> None:
        waiting.put(None)
        with contextlib.suppress(
            grpc.RpcError, grpc.FutureTimeoutError
        ):  # a listener that is gone is no failure
            stream.result(timeout=30)
        channel.close()

    return waiting.put, finish
