"""Lets a program start ahead of its run: it imports and builds while the state is read and refreshed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import resource_pb2

from sandbox.engine.builtins import READ_STACK
from sandbox.engine.engine_service import serve
from sandbox.engine.errors import StepFailed
from sandbox.engine.program import InlineProgram, LocalProgram, Log, Program
from sandbox.engine.targets import Options
from sandbox.engine.values import from_struct, to_struct

if TYPE_CHECKING:
    from sandbox.engine.session import Session

_FEATURES = (
    "SECRETS",
    "RESOURCE_REFERENCES",
    "OUTPUT_VALUES",
    "ALIAS_SPECS",
    "DELETED_WITH",
    "TRANSFORMS",
    "INVOKE_TRANSFORMS",
    "RESOURCE_HOOKS",
)


class Gate:
    """A gRPC servicer whose calls wait until `open` names the servicer that answers them."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self._servicer: Any = None

    def open(self, servicer: Any) -> None:
        self._servicer = servicer
        self._opened.set()

    def __getattr__(self, method: str) -> Callable[[Any, Any], Any]:
        return partial(self._pass_on, method)

    def _pass_on(self, method: str, request: Any, context: Any) -> Any:
        self._opened.wait()
        return getattr(self._servicer, method)(request, context)


class LogGate(Gate):
    """The gate of the engine's log: lines are kept until it is opened, for the SDK waits for each answer."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._kept: list[Any] = []

    def open(self, servicer: Any) -> None:
        with self._lock:
            super().open(servicer)
            for request in self._kept:
                servicer.Log(request, None)

    def Log(self, request: Any, context: Any) -> Any:
        with self._lock:
            if not self._opened.is_set():
                self._kept.append(request)
                return Empty()
        return self._pass_on("Log", request, context)


class MonitorGate(Gate):
    """The resource monitor's gate. What the SDK asks before it runs the program is answered at once."""

    def __init__(self, session: Session, options: Options) -> None:
        super().__init__()
        self._session, self._options = session, options

    def GetDeploymentInfo(self, _request: Any, _context: Any) -> Any:
        config = self._session.config
        return resource_pb2.DeploymentInfo(
            project=self._session.project.name,
            stack=self._session.stack.name,
            organization="organization",
            dryRun=self._options.preview,
            parallel=self._options.parallel,
            supportedFeatures=[
                getattr(resource_pb2, f"RESOURCE_MONITOR_FEATURE_{name}") for name in _FEATURES
            ],
            config={key: value.text for key, value in config.items()},
            configSecretKeys=[key for key, value in config.items() if value.secret],
        )

    def Invoke(self, request: Any, context: Any) -> Any:
        """A preview's refresh changes nothing of what is stored: who reads that need not wait for it."""
        if self._options.preview and request.tok == READ_STACK:
            with suppress(StepFailed):  # which the monitor, once it is there, says in the CLI's words
                found = self._session.builtins.read_stack(from_struct(request.args))
                return resource_pb2.ResourceInvokeResponse(**{"return": to_struct(found)})
        return self._pass_on("Invoke", request, context)


class HeldProgram:
    """A started program behind its gates. An inline one runs in its caller's process, where nothing could
    take it back, so it must not be started before it is let go."""

    def __init__(self, session: Session, options: Options) -> None:
        self._monitor, self._log = MonitorGate(session, options), LogGate()
        self._server, address = serve(self._log, self._monitor)
        start = InlineProgram if session.client else LocalProgram
        self.program: Program = start(session, options, address)

    def let_go(self, monitor: Any, engine_log: Any, log: Log, changed: Callable[[], None]) -> None:
        """From now on `monitor` and `engine_log` answer it."""
        self._monitor.open(monitor)
        self._log.open(engine_log)
        self.program.attach(log, changed)

    def stop_serving(self) -> None:
        self._server.stop(grace=1)
