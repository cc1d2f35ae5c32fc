"""The gRPC service that takes log lines from the program and from providers."""

from __future__ import annotations

from typing import Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from sandbox.engine.events import Events

_SEVERITIES = ("debug", "info", "warning", "error")


class EngineLog(engine_pb2_grpc.EngineServicer):
    """Log lines of the program and its providers."""

    def __init__(self) -> None:
        self.events = Events([])

    def take(self, request: Any) -> None:
        """Pass one LogRequest on."""
        severity = _SEVERITIES[request.severity]
        self.events.diagnostic(severity, request.message, request.urn, request.ephemeral, request.streamId)

    def Log(self, request: Any, _context: Any) -> Any:
        self.take(request)
        return Empty()

    def RequirePulumiVersion(self, _request: Any, _context: Any) -> Any:
        return engine_pb2.RequirePulumiVersionResponse()
