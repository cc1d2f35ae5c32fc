"""The providers of a run: the SDK's dynamic provider as a child process, the command and builtin ones in
this process."""

from __future__ import annotations

import importlib
import json
import os
import threading
import uuid
from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.engine.builtins import Builtins
from sandbox.engine.diff import Diff
from sandbox.engine.errors import StepFailed
from sandbox.engine.launcher import Child, Launcher
from sandbox.engine.project import Project
from sandbox.engine.providers import InProcess, Provider, names
from sandbox.engine.state import Resource
from sandbox.engine.values import UNKNOWN, PropertyMap, annotate, from_struct, to_struct

WITHOUT_CONFIG_CHECK = ("pulumi-python", "pulumi")
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class ProviderProcess:
    """The SDK's dynamic provider, started in the background; its later output goes to `log`."""

    def __init__(self, start: Callable[[], Child], log: Callable[[str], None]) -> None:
        self._started = threading.Event()
        self._port = 0
        self._start, self._log = start, log
        self._child: Child | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._child = self._start()
            self._port = self._read_port(self._child)
        finally:
            self._started.set()
        for line in self._child.output:
            self._log(line.decode(errors="replace").rstrip("\n"))

    def _read_port(self, child: Child) -> int:
        """The first line that is a number; warnings may come before it. 0 when the child ends without one."""
        for line in child.output:
            if line.strip().isdigit():
                return int(line)
            self._log(line.decode(errors="replace").rstrip("\n"))
        return 0

    def stub(self) -> Any:
        self._started.wait()
        if not self._port:
            message = "the dynamic provider (python -m pulumi.dynamic) did not start; see what it said above"
            raise StepFailed(message)
        address = f"127.0.0.1:{self._port}"
        return provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(address, options=UNLIMITED))

    def stop(self) -> None:
        self._started.wait(timeout=10)
        if self._child:
            self._child.kill()


class Providers:
    """All provider processes of one command. They serve its preview and its update alike."""

    def __init__(
        self,
        launcher: Launcher,
        project: Project,
        log: Callable[[str], None],
        log_request: Callable[[Any], None],
    ) -> None:
        self._launcher, self._project, self._log, self._log_request = launcher, project, log, log_request
        self._command: Any = None
        self._processes: dict[str, ProviderProcess] = {}
        self._lock = threading.Lock()
        self.engine_address = ""

    def prestart(self) -> None:
        """Start the dynamic provider while the program is still importing."""
        with self._lock:
            if not self._processes:
                self._processes["*"] = ProviderProcess(self._start, self._log)

    def get_ready_to_connect(self) -> None:
        """Import what an SSH connection needs, while the program is still importing."""
        module = "sandbox.engine.command.run"
        threading.Thread(target=importlib.import_module, args=(module,), daemon=True).start()

    def _start(self) -> Child:
        environment = dict(os.environ) | {"PULUMI_PROJECT": self._project.name}
        spec = {"kind": "provider", "engine": self.engine_address}
        return self._launcher.start(self._project.python, self._project.working_directory, environment, spec)

    def stub(self, package: str, config: PropertyMap) -> Any:
        """A stub for the package; a dynamic provider has one process per configuration."""
        if package == "command":
            return InProcess(self._command_provider())
        if package != "pulumi-python":
            problem = (
                f"no provider for package '{package}': this engine has pulumi-python (dynamic) and command"
            )
            msg = f"{problem}; install the real CLI for others"
            raise StepFailed(msg)
        key = json.dumps(config, sort_keys=True)
        with self._lock:
            process = self._processes.pop("*", None) or self._processes.get(key)
            self._processes[key] = process or ProviderProcess(self._start, self._log)
        return self._processes[key].stub()

    def _command_provider(self) -> Any:
        from sandbox.engine.command import CommandProvider

        with self._lock:
            if self._command is None:
                self._command = CommandProvider(self._log_request, self._project.working_directory)
        return self._command

    def cancel(self) -> None:
        """Let the command provider give up dialing; commands that run go on to their end."""
        if self._command is not None:
            self._command.Cancel(None, None)

    def close(self) -> None:
        if self._command is not None:
            self._command.close()
        for process in self._processes.values():
            process.stop()


class Registry:
    """The providers of one deployment by reference `<urn>::<id>`; itself the provider of provider
    resources."""

    def __init__(self, providers: Providers, builtins: Builtins) -> None:
        self._providers, self._builtins = providers, builtins
        self._configured: dict[str, Provider] = {}
        self._lock = threading.Lock()

    def check(
        self, urn: str, olds: PropertyMap, news: PropertyMap
    ) -> tuple[PropertyMap, list[tuple[str, str]]]:
        """CheckConfig, which the command provider alone has."""
        package = names(urn)["type"].removeprefix("pulumi:providers:")
        internal = {key: value for key, value in news.items() if key == "__internal"}
        if package in WITHOUT_CONFIG_CHECK:
            return news, []
        request = provider_pb2.CheckRequest(
            **names(urn), olds=to_struct(_filtered(olds)), news=to_struct(_filtered(news))
        )
        answer = self._providers.stub(package, news).CheckConfig(request)
        checked = annotate(from_struct(answer.inputs), news)
        if "version" in news:
            checked.setdefault("version", news["version"])
        return checked | internal, [(each.property, each.reason) for each in answer.failures]

    def diff(self, old: Resource, new_inputs: PropertyMap, _ignored: list[str]) -> Diff:
        """None of the providers here has DiffConfig."""
        return Diff(old.outputs != _filtered(new_inputs))

    def configure(self, resource: Resource, identity: str) -> PropertyMap:
        """Make the provider ready under its reference; returns its outputs. Raises StepFailed."""
        reference = f"{resource.urn}::{identity}"
        inputs = _filtered(resource.inputs)
        with self._lock:
            if reference not in self._configured:
                self._configured[reference] = self._make(resource, identity, inputs)
        return inputs

    def _make(self, resource: Resource, identity: str, inputs: PropertyMap) -> Provider:
        package = resource.type.removeprefix("pulumi:providers:")
        builtin = package == "pulumi"
        stub = InProcess(self._builtins) if builtin else self._providers.stub(package, inputs)
        return Provider(stub, resource.urn, identity, inputs)

    @staticmethod
    def new_identity(preview: bool) -> str:
        return UNKNOWN if preview else str(uuid.uuid4())

    def get(self, reference: str) -> Provider | None:
        return self._configured.get(reference)


def _filtered(inputs: PropertyMap) -> PropertyMap:
    return {key: value for key, value in inputs.items() if key != "__internal"}
