"""What a provider tells stands on its resource's row; what is only waited for leaves no lasting line."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from provider import dynamic
from provider.waiting import Waiter

URN = "urn:pulumi:dev::t::pulumi-python:dynamic/paperspace:Machine::machine"


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps the lines that it is sent."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str, str, bool]] = []

    def Log(self, request: Any, context: Any) -> Empty:
        self.lines.append((request.severity, request.message, request.urn, request.ephemeral))
        return Empty()


@dataclass
class CreateRequest:
    """What pulumi.dynamic holds in the frame that calls a provider."""

    urn: str


def waiter_in_a_call(request: CreateRequest) -> Waiter:
    return dynamic.waiter()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    servicer, server = Engine(), grpc.server(futures.ThreadPoolExecutor(1))
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setattr("sys.argv", ["/x/pulumi/dynamic/__main__.py", f"127.0.0.1:{port}"])
    dynamic._engine.cache_clear()
    yield servicer
    server.stop(None).wait()
    dynamic._engine.cache_clear()


def test_lines_are_on_the_row_of_the_resource_that_the_call_is_about(engine: Engine) -> None:
    waiter = waiter_in_a_call(CreateRequest(URN))
    waiter.report("made")
    waiter.progress("waiting")
    waiter.warn("no capacity")
    assert engine.lines == [
        (engine_pb2.INFO, "made", URN, False),
        (engine_pb2.INFO, "waiting", URN, True),
        (engine_pb2.WARNING, "no capacity", URN, False),
    ]


def test_without_a_request_in_any_frame_they_are_on_the_stacks_row(engine: Engine) -> None:
    dynamic.waiter().report("made")
    assert engine.lines == [(engine_pb2.INFO, "made", "", False)]


def test_an_engine_that_is_gone_stops_no_work(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["/x/pulumi/dynamic/__main__.py", "127.0.0.1:9"])
    dynamic._engine.cache_clear()
    dynamic.waiter().warn("no capacity")
    dynamic._engine.cache_clear()
    told = capfd.readouterr().err
    assert "no capacity" not in told
    assert "Traceback" not in told


def test_outside_of_pulumi_the_lines_go_to_its_plain_log(capfd: pytest.CaptureFixture[str]) -> None:
    dynamic._engine.cache_clear()
    dynamic.waiter().report("made")
    assert "made" in capfd.readouterr().err
