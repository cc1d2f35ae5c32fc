"""What the dynamic providers share: Pulumi's unknown values in and out, and its log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, wraps
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import grpc
import pulumi
from pulumi.output import Unknown as PulumiUnknown
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from provider.errors import PaperspaceError
from provider.unknown import UNKNOWN, Unknown
from provider.waiting import Waiter

ENGINE_SECONDS = 5.0
"""A log line is not worth a longer wait."""

P = ParamSpec("P")
T = TypeVar("T")

PROVIDER_KEY = "__provider"
"""Where Pulumi keeps the pickled provider among the properties."""


def waiter() -> Waiter:
    """Real time, and Pulumi's own log on the resource's row; what is only waited for is not kept there."""
    log = _engine_log(_engine(), _urn_of_this_call())
    return Waiter(
        report=lambda text: log(engine_pb2.INFO, text, False),
        progress=lambda text: log(engine_pb2.INFO, text, True),
        warn=lambda text: log(engine_pb2.WARNING, text, False),
    )


def plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that are set, without Pulumi's own, with UNKNOWN for what a preview does not know."""
    return {
        key: _swapped(value, PulumiUnknown, UNKNOWN)
        for key, value in properties.items()
        if key != PROVIDER_KEY and value is not None
    }


def with_pulumis_unknowns(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The way back."""
    return {key: _swapped(value, Unknown, pulumi.output.UNKNOWN) for key, value in properties.items()}


def old_one_first(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Deleted before it is replaced, also by --replace and `state taint`, for which Pulumi asks no diff().

    Where create() takes what is there already, an older entry of the state would end that later.
    """
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(delete_before_replace=True), opts)


def told_briefly(method: Callable[P, T]) -> Callable[P, T]:
    """Pulumi prints the traceback of what a provider raises; an expected failure needs its text alone."""

    @wraps(method)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except PaperspaceError as failure:
            expected = failure
        raise expected.with_traceback(None) from None

    return run


def _engine_log(engine: engine_pb2_grpc.EngineStub | None, urn: str) -> Callable[[Any, str, bool], None]:
    """Writes (severity, text, ephemeral). Where the engine's address is not known, by pulumi.log.

    Never fails: an engine that was killed no longer listens, and that must not undo a create under way.
    """

    def log(severity: Any, text: str, ephemeral: bool) -> None:
        request = engine_pb2.LogRequest(severity=severity, message=text, urn=urn, ephemeral=ephemeral)
        with suppress(grpc.RpcError):
            if engine:
                engine.Log(request, timeout=ENGINE_SECONDS)
            else:
                (pulumi.log.warn if severity == engine_pb2.WARNING else pulumi.log.info)(text)

    return log


@cache
def _engine() -> engine_pb2_grpc.EngineStub | None:
    """pulumi.dynamic does not hand it on, but its process has the engine's address as argument (facts A7)."""
    if len(sys.argv) < 2 or not sys.argv[0].endswith("pulumi/dynamic/__main__.py"):
        return None
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(sys.argv[1]))


def _urn_of_this_call() -> str:
    """Nor does it hand on the URN, which stands in the request of a calling frame; "" is the stack's row."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        urn = getattr(frame.f_locals.get("request"), "urn", None)
        if isinstance(urn, str):
            return urn
        frame = frame.f_back
    return ""


def _swapped(value: Any, kind: type, replacement: Any) -> Any:
    if isinstance(value, dict):
        return {key: _swapped(entry, kind, replacement) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_swapped(entry, kind, replacement) for entry in value]
    return replacement if isinstance(value, kind) else value
