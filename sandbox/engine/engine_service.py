"""The gRPC service that takes log lines from the program and from providers, and the servers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2_grpc

from sandbox.engine.events import Events
from sandbox.engine.registry import UNLIMITED

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


def serve(log: Any, monitor: Any = None) -> tuple[grpc.Server, str]:
    """Start a server on a free loopback port; returns it and its address. An open call holds a thread."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4096), options=UNLIMITED)
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    if monitor is not None:
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, f"127.0.0.1:{port}"
