"""The two gRPC services a program talks to: the resource monitor and the engine's log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc

from sandbox.engine.callbacks import Callbacks
from sandbox.engine.config import provider_inputs
from sandbox.engine.errors import Bail, StepFailed, unsupported
from sandbox.engine.events import Events
from sandbox.engine.executor import Executor
from sandbox.engine.planner import Planner
from sandbox.engine.registration import goal, inherit, package, read_goal
from sandbox.engine.state import STACK_TYPE, Resource, make_urn
from sandbox.engine.steps import Goal, Step
from sandbox.engine.targets import Options
from sandbox.engine.values import PropertyMap, from_struct, to_struct

if TYPE_CHECKING:
    from sandbox.engine.session import Session

_SHUT_DOWN = "resource monitor shut down"


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Serves one run of the program."""

    def __init__(
        self,
        session: Session,
        planner: Planner,
        executor: Executor,
        events: Events,
        options: Options,
        callbacks: Callbacks,
    ) -> None:
        self._session, self._stack, self._project = session, session.stack.name, session.project.name
        self._planner, self._executor, self._events = planner, executor, events
        self._options, self._callbacks = options, callbacks
        self._planning = threading.Lock()
        self._defaults: dict[str, str] = {}
        self._defaults_lock = threading.Lock()
        self._requests: dict[str, Any] = {}
        self._broken: set[str] = set()
        self.registered: dict[str, Step] = {}
        self.stack_outputs: PropertyMap | None = None
        self.finished = threading.Event()
        self.wake: Callable[[], None] = lambda: None

    def RegisterResource(self, request: Any, context: Any) -> Any:
        try:
            if parent := self._requests.get(request.parent):
                inherit(request, parent)
            self._callbacks.transform(request, self._requests)
            wanted = goal(request, self._provider(request), self._session)
            if self._broken & wanted.new.references():
                self._broken.add(wanted.new.urn)
                return resource_pb2.RegisterResourceResponse(
                    urn=wanted.new.urn, result=resource_pb2.Result.SKIP
                )
            step = self._carry_out(wanted)
        except (Bail, StepFailed) as error:
            return self._refuse(request, error, context)
        self._requests[step.urn] = request
        new = step.resource
        return resource_pb2.RegisterResourceResponse(
            urn=new.urn, id=new.id, object=to_struct(new.outputs if new.custom else {}), unknown=step.skipped
        )

    def _refuse(self, request: Any, error: Exception, context: Any) -> Any:
        urn = make_urn(self._stack, self._project, request.parent, request.type, request.name)
        self._broken.add(urn)
        if isinstance(error, StepFailed):
            self._events.diagnostic("error", str(error), urn)
        self._executor.fail()
        self.wake()
        if self._options.continue_on_error and getattr(request, "supportsResultReporting", False):
            return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)
        return context.abort(grpc.StatusCode.UNAVAILABLE, _SHUT_DOWN)

    def _carry_out(self, wanted: Goal) -> Step:
        """Plan (one registration at a time), then act; returns the step that stands for the resource."""
        with self._planning:
            if self._executor.stopped.is_set():
                raise Bail
            steps = self._planner.plan(wanted)
        self._executor.run(steps)
        main = next(step for step in reversed(steps) if step.new is not None and step.op != "replace")
        self.registered[main.urn] = next((step for step in steps if step.op == "replace"), main)
        return main

    def _provider(self, request: Any) -> str:
        """A custom resource's provider; a default one is registered where there is none."""
        if not request.custom or request.type.startswith("pulumi:providers:"):
            return ""
        wanted = package([request.type])
        explicit = request.provider or request.providers.get(wanted)
        return explicit or self._default_provider(wanted, request.version)

    def _default_provider(self, name: str, version: str) -> str:
        with self._defaults_lock:
            key = f"{name}@{version}"
            if key not in self._defaults:
                self._defaults[key] = self._register_default(name, version)
            return self._defaults[key]

    def _register_default(self, name: str, version: str) -> str:
        inputs = provider_inputs(name, self._session.config)
        label = "default"
        if version:
            inputs |= {"version": version, "__internal": {}}
            label += "_" + "".join(c if c.isalnum() else "_" for c in version)
        kind = f"pulumi:providers:{name}"
        new = Resource(
            make_urn(self._stack, self._project, "", kind, label), custom=True, type=kind, inputs=inputs
        )
        step = self._carry_out(Goal(new, label))
        return f"{new.urn}::{step.resource.id}"

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        if self._executor.stopped.is_set():
            context.abort(grpc.StatusCode.UNAVAILABLE, _SHUT_DOWN)
        outputs = from_struct(request.outputs)
        if request.urn.split("::")[2] == STACK_TYPE:
            self.stack_outputs = outputs
        elif request.urn in self.registered:
            self._executor.register_outputs(self.registered[request.urn], outputs)
        else:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"cannot complete a resource '{request.urn}' that is not registered",
            )
        return Empty()

    def ReadResource(self, request: Any, context: Any) -> Any:
        try:
            provider = request.provider or self._default_provider(package([request.type]), request.version)
            new = read_goal(request, provider, self._session)
            with self._planning:
                steps = self._planner.plan_read(new)
            self._executor.run(steps)
        except (Bail, StepFailed) as error:
            return self._refuse(request, error, context)
        self.registered[new.urn] = steps[0]
        return resource_pb2.ReadResourceResponse(urn=new.urn, properties=to_struct(new.outputs))

    def Invoke(self, request: Any, context: Any) -> Any:
        try:
            outputs = self._invoke(request)
        except (Bail, StepFailed) as error:
            return context.abort(
                grpc.StatusCode.UNKNOWN, f"invocation of {request.tok} returned an error: {error}"
            )
        return resource_pb2.ResourceInvokeResponse(**{"return": to_struct(outputs)})

    def _invoke(self, request: Any) -> PropertyMap:
        self._callbacks.transform_invoke(request)
        arguments = from_struct(request.args)
        if request.tok == "pulumi:pulumi:getResource":
            return self._resource(arguments["urn"])
        reference = request.provider or self._default_provider(package([request.tok]), request.version)
        provider = self._planner.provider_of(Resource(request.tok, provider=reference))
        return provider.invoke(request.tok, arguments)

    def _resource(self, urn: str) -> PropertyMap:
        if urn not in self.registered:
            msg = f"unknown resource {urn}"
            raise StepFailed(msg)
        found = self.registered[urn].resource
        return {"urn": found.urn, "id": found.id, "provider": found.provider, "state": found.outputs}

    def RegisterStackTransform(self, request: Any, _context: Any) -> Any:
        self._callbacks.stack_transforms.append(request)
        return Empty()

    def RegisterStackInvokeTransform(self, request: Any, _context: Any) -> Any:
        self._callbacks.invoke_transforms.append(request)
        return Empty()

    def RegisterResourceHook(self, request: Any, _context: Any) -> Any:
        self._callbacks.hooks[request.name] = request
        return Empty()

    def Call(self, request: Any, context: Any) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, unsupported(f"method calls ({request.tok}) are"))

    def SignalAndWaitForShutdown(self, _request: Any, _context: Any) -> Any:
        """The program has registered everything; it waits here until the deletes are done."""
        self.finished.set()
        self.wake()
        self._executor.over.wait()
        return Empty()
