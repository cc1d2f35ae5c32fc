"""Both command providers behind one gRPC stub, with the log lines that reach the engine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.command import CommandProvider

REQUESTS = {
    "Check": pb.CheckRequest,
    "Diff": pb.DiffRequest,
    "Create": pb.CreateRequest,
    "Update": pb.UpdateRequest,
    "Delete": pb.DeleteRequest,
    "Read": pb.ReadRequest,
    "CheckConfig": pb.CheckRequest,
    "DiffConfig": pb.DiffRequest,
    "Configure": pb.ConfigureRequest,
    "Invoke": pb.InvokeRequest,
    "Parameterize": pb.ParameterizeRequest,
    "Cancel": empty_pb2.Empty,
}
STRUCTS = {"news", "olds", "properties", "inputs", "old_inputs", "args"}
CONFIGURE = {"acceptSecrets": True, "acceptResources": True, "sends_old_inputs": True}


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps what a provider logs."""

    def __init__(self) -> None:
        self.logged: list[engine_pb2.LogRequest] = []

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.logged.append(request)
        return empty_pb2.Empty()


@dataclass
class Plugin:
    """A running provider; `log` is what it has told the engine since the last call of `ask`."""

    stub: Any
    engine: Engine

    @property
    def log(self) -> list[dict[str, Any]]:
        names = engine_pb2.LogSeverity.keys()
        return [
            {"severity": names[line.severity], "message": line.message, "ephemeral": line.ephemeral}
            for line in self.engine.logged
        ]

    def ask(self, method: str, *, seconds: float = 60, **fields: Any) -> dict[str, Any]:
        """Return the answer as plain JSON, or {"error": [code, text]}."""
        self.engine.logged.clear()
        values = {key: _struct(value) if key in STRUCTS else value for key, value in fields.items()}
        try:
            answer = getattr(self.stub, method)(REQUESTS[method](**values), timeout=seconds)
        except grpc.RpcError as error:
            return _error(error)
        return _plain(answer)


def _error(error: Any) -> dict[str, Any]:
    """Leave out the text for a method that is not there: each gRPC library has its own."""
    unimplemented = error.code() == grpc.StatusCode.UNIMPLEMENTED
    return {"error": [error.code().name, "" if unimplemented else error.details()]}


def _plain(answer: Any) -> dict[str, Any]:
    return _sorted_lists(json_format.MessageToDict(answer, preserving_proto_field_name=True))


def _struct(value: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(value, struct_pb2.Struct())


def _sorted_lists(answer: dict[str, Any]) -> dict[str, Any]:
    for name in ("failures", "diffs", "replaces"):
        if name in answer:
            answer[name] = sorted(answer[name], key=str)
    return answer


@contextmanager
def serving(register: Any) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


@contextmanager
def _connected(address: str, engine: Engine) -> Iterator[Plugin]:
    with grpc.insecure_channel(address) as channel:
        plugin = Plugin(provider_pb2_grpc.ResourceProviderStub(channel), engine)
        plugin.ask("Configure", **CONFIGURE)
        yield plugin


@contextmanager
def stand_in() -> Iterator[Plugin]:
    engine = Engine()
    provider = CommandProvider(log=lambda request: engine.logged.append(request))
    try:
        with (
            serving(
                lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
            ) as at,
            _connected(at, engine) as plugin,
        ):
            yield plugin
    finally:
        provider.close()


@contextmanager
def real(executable: str) -> Iterator[Plugin]:
    engine = Engine()
    with serving(
        lambda server: engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    ) as engine_address:
        process = subprocess.Popen(
            [executable, engine_address], stdout=subprocess.PIPE, env={"PATH": "/usr/bin:/bin"}, text=True
        )
        assert process.stdout is not None
        try:
            with _connected(f"127.0.0.1:{int(process.stdout.readline())}", engine) as plugin:
                yield plugin
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def without_new_id(answer: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Replace the eight random digits of a new id."""
    new = answer.get("id", "")
    return (
        {**answer, "id": f"{prefix}+8"} if len(new) == len(prefix) + 8 and new.startswith(prefix) else answer
    )
