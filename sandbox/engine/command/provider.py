"""pulumi-command 1.2.1 as a gRPC service: command:remote:Command and command:remote:CopyToRemote.

What connects is imported where it is used: asyncssh takes longer than all the rest of a preview.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.engine.command import outputs
from sandbox.engine.command.check import check
from sandbox.engine.command.diff import apply_ignored, detailed_diff, top_level
from sandbox.engine.command.errors import RunError
from sandbox.engine.command.run_context import Log, Outputs, RunContext
from sandbox.engine.command.schema import COMMAND, RESOURCE_TYPES, ResourceType
from sandbox.engine.paths import render
from sandbox.engine.values import PropertyMap, from_struct, reveal, to_struct

FRAMEWORK_VERSION = "1.2.0"  # pulumi-go-provider's, which the real plugin adds to its provider's inputs
ONLY_REAL = ("command:local:Command", "command:local:run", "command:remote:CopyFile")

Call = Any  # grpc.ServicerContext, whose package has no type information


class CommandProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The provider, to be served by the engine inside its own process; thread-safe.

    `log` takes an engine_pb2.LogRequest: the engine's handler, for one.
    `directory` is where relative asset paths start: the project's directory (default: the working directory).
    One thread runs the SSH connections of all resources; close() ends it.
    """

    def __init__(self, log: Log, directory: Path = Path()) -> None:
        self._log = log
        self._directory = directory
        self._loop = asyncio.new_event_loop()
        self._cancelled = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="command-provider", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; only when no request is under way."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def CheckConfig(self, request: pb.CheckRequest, _: Call) -> pb.CheckResponse:
        inputs = {**from_struct(request.news), "__pulumi-go-provider-version": FRAMEWORK_VERSION}
        return pb.CheckResponse(inputs=to_struct(inputs))

    def Configure(self, _request: pb.ConfigureRequest, _: Call) -> pb.ConfigureResponse:
        return pb.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
        )

    def Cancel(self, _request: Empty, _: Call) -> Empty:
        """End the dials under way; a command that runs goes on to its end."""
        self._loop.call_soon_threadsafe(self._cancelled.set)
        return Empty()

    def Check(self, request: pb.CheckRequest, call: Call) -> pb.CheckResponse:
        inputs, failures = check(_kind(request.urn, call), from_struct(request.news))
        found = [pb.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures]
        return pb.CheckResponse(inputs=to_struct(inputs), failures=found)

    def Diff(self, request: pb.DiffRequest, call: Call) -> pb.DiffResponse:
        kind = _kind(request.urn, call)
        news = apply_ignored(from_struct(request.news), from_struct(request.olds), request.ignoreChanges)
        changes = detailed_diff(kind, from_struct(request.old_inputs), news)
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME if changes else pb.DiffResponse.DIFF_NONE,
            replaces=top_level(path for path, change in changes.items() if change.endswith("_REPLACE")),
            diffs=top_level(changes),
            detailedDiff={
                render(path): pb.PropertyDiff(kind=pb.PropertyDiff.Kind.Value(change))
                for path, change in changes.items()
            },
            hasDetailedDiff=True,
        )

    def Create(self, request: pb.CreateRequest, call: Call) -> pb.CreateResponse:
        kind, inputs = _kind(request.urn, call), from_struct(request.properties)
        name = request.urn.rsplit("::", 1)[1] if kind is COMMAND else ""
        if request.preview:
            preview = to_struct(outputs.of_create(kind, inputs))
            return pb.CreateResponse(id=name and _new_id(name), properties=preview)
        if kind is COMMAND:
            result = self._run(request, call, inputs.get("create"), inputs, {})
        else:
            result = self._copy(request, call, inputs)
        properties = to_struct({**outputs.echoed(inputs), **result})
        return pb.CreateResponse(id=_new_id(name), properties=properties)

    def Update(self, request: pb.UpdateRequest, call: Call) -> pb.UpdateResponse:
        kind, olds = _kind(request.urn, call), from_struct(request.olds)
        news = apply_ignored(from_struct(request.news), olds, request.ignoreChanges)
        if request.preview:
            return pb.UpdateResponse(properties=to_struct(outputs.of_update(kind, olds, news)))
        if kind is COMMAND:
            command = news.get("update", news.get("create"))
            result = self._run(request, call, command, news, _outputs_in(olds))
        else:
            result = self._copy(request, call, news) if _has_other_file(olds, news) else {}
        return pb.UpdateResponse(properties=to_struct({**outputs.echoed(news), **result}))

    def Delete(self, request: pb.DeleteRequest, call: Call) -> Empty:
        state = from_struct(request.properties)
        if _kind(request.urn, call) is COMMAND:
            self._run(request, call, state.get("delete"), state, _outputs_in(state))
        return Empty()

    def Read(self, request: pb.ReadRequest, _: Call) -> pb.ReadResponse:
        """Echo the state: the real plugin never looks at the machine."""
        return pb.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Invoke(self, request: pb.InvokeRequest, call: Call) -> pb.InvokeResponse:
        call.abort(grpc.StatusCode.NOT_FOUND, f"Invoke {_not_found(request.tok)}")
        return pb.InvokeResponse()

    def _run(self, request: Any, call: Call, command: Any, inputs: PropertyMap, before: Outputs) -> Outputs:
        if command is None:
            return {**dict.fromkeys(COMMAND.outputs, ""), **before}
        from sandbox.engine.command.run import run

        text = reveal(command)
        return self._wait(request, call, lambda context: run(text, inputs, before, context))

    def _copy(self, request: Any, call: Call, inputs: PropertyMap) -> Outputs:
        from sandbox.engine.command.copy import copy

        return self._wait(request, call, lambda context: copy(inputs, self._directory, context))

    def _wait(self, request: Any, call: Call, work: Callable[[RunContext], Awaitable[Outputs]]) -> Outputs:
        async def task() -> Outputs:
            return await work(RunContext(request.urn, self._log, self._cancelled, request.timeout))

        try:
            return asyncio.run_coroutine_threadsafe(task(), self._loop).result()
        except RunError as error:
            call.abort(error.code, str(error))
            raise


def _kind(urn: str, call: Call) -> ResourceType:
    token = urn.split("::")[2].rsplit("$", 1)[-1]
    if token not in RESOURCE_TYPES:
        call.abort(grpc.StatusCode.NOT_FOUND, f"Resource {_not_found(token)}")
    return RESOURCE_TYPES[token]


def _not_found(token: str) -> str:
    """Say it as the real plugin does, and add where to find what only that has."""
    hint = f": the sandbox has {' and '.join(RESOURCE_TYPES)} only; install the real CLI for it"
    return f"'{token.removeprefix('command:')}' not found" + (hint if token in ONLY_REAL else "")


def _has_other_file(olds: PropertyMap, news: PropertyMap) -> bool:
    """An update copies only when content or remotePath changed; a new connection gets no file (measured)."""
    old, new = ((state["source"].get("hash"), state["remotePath"]) for state in map(reveal, (olds, news)))
    return bool(old != new)


def _outputs_in(state: PropertyMap) -> Outputs:
    return {name: reveal(state.get(name, "")) for name in COMMAND.outputs}


def _new_id(name: str) -> str:
    return name + secrets.token_hex(4)
