"""Log lines to the engine's own Log service, over gRPC."""

from __future__ import annotations

from typing import Any

import grpc
from pulumi.runtime.proto.engine_pb2 import LogRequest
from pulumi.runtime.proto.engine_pb2_grpc import EngineStub


class EngineLog:
    """Callable with a LogRequest; drops lines until connect() is called, and when the engine is gone."""

    def __init__(self) -> None:
        self._engine: Any = None

    def connect(self, address: str) -> None:
        self._engine = EngineStub(grpc.insecure_channel(address))

    def __call__(self, request: LogRequest) -> None:
        if self._engine is None:
            return
        try:
            self._engine.Log(request, timeout=10)
        except grpc.RpcError:
            self._engine = None
