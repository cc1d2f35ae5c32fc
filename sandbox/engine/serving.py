"""Starting the engine's gRPC servers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from sandbox.engine.registry import UNLIMITED


def serve(log: Any, monitor: Any = None) -> tuple[grpc.Server, str]:
    """Start a server on a free loopback port; returns it and its address. Every open registration holds a
    thread."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4096), options=UNLIMITED)
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    if monitor is not None:
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, f"127.0.0.1:{port}"
