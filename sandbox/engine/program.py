"""Runs the user's program: a local one in a child process, an inline one of the Automation API over gRPC."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from sandbox.engine.child import SHOWN_TO_THE_USER
from sandbox.engine.config import ConfigValue
from sandbox.engine.launcher import Child, Launcher
from sandbox.engine.project import Project
from sandbox.engine.registry import UNLIMITED
from sandbox.engine.targets import Options

Log = Callable[[str, str], None]
"""(severity, message) to the user."""


class LocalProgram:
    """A started program. `ended` is set when it is over; `failed` then says how."""

    def __init__(
        self,
        launcher: Launcher,
        project: Project,
        stack: str,
        config: dict[str, ConfigValue],
        options: Options,
        addresses: tuple[str, str],
        log: Log,
        changed: Callable[[], None],
    ) -> None:
        self._log, self._changed = log, changed
        self.ended, self.failed, self._killed = False, False, False
        monitor, engine = addresses
        settings: dict[str, Any] = {
            "project": project.name,
            "stack": stack,
            "organization": "organization",
            "monitor": monitor,
        }
        settings |= {"engine": engine, "parallel": options.parallel, "dry_run": options.preview}
        spec: dict[str, Any] = {
            "kind": "program",
            "program": str(project.program),
            "settings": settings | {"root_directory": str(project.directory)},
            "config": {key: value.text for key, value in config.items()},
            "secret_keys": [key for key, value in config.items() if value.secret],
        }
        environment = dict(os.environ) | {
            "PULUMI_ORGANIZATION": "organization",
            "PULUMI_PROJECT": project.name,
        }
        environment |= {"PULUMI_STACK": stack, "PULUMI_DRY_RUN": str(options.preview).lower()}
        self._child: Child = launcher.start(project.python, project.working_directory, environment, spec)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._wait, daemon=True).start()

    def _read(self) -> None:
        for line in self._child.output:
            if text := line.decode(errors="replace").rstrip("\n"):
                self._log("info", text)

    def _wait(self) -> None:
        code = self._child.wait()
        self._reader.join(timeout=2)
        self.failed = code != 0
        if code not in (0, 1, SHOWN_TO_THE_USER) and not self._killed:
            self._log("error", f"Program exited with non-zero exit code: {code}")
        self.ended = True
        self._changed()

    def kill(self) -> None:
        self._killed = True
        self._child.kill()


class InlineProgram:
    """A program that lives in the process which called the Automation API."""

    def __init__(
        self,
        client: str,
        project: Project,
        stack: str,
        config: dict[str, ConfigValue],
        options: Options,
        addresses: tuple[str, str],
        log: Log,
        changed: Callable[[], None],
    ) -> None:
        self._log, self._changed = log, changed
        self.ended, self.failed = False, False
        monitor, engine = addresses
        request = language_pb2.RunRequest(
            project=project.name,
            stack=stack,
            organization="organization",
            pwd=str(project.directory),
            args=[engine],
            monitor_address=monitor,
            dryRun=options.preview,
            parallel=options.parallel,
            config={key: value.text for key, value in config.items()},
            configSecretKeys=[key for key, value in config.items() if value.secret],
        )
        stub = language_pb2_grpc.LanguageRuntimeStub(grpc.insecure_channel(client, options=UNLIMITED))
        self._call = stub.Run.future(request)
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        try:
            self.failed = bool(self._call.result().error)
        except (grpc.RpcError, grpc.FutureCancelledError) as error:
            self.failed = True
            if not self._call.cancelled():
                self._log("error", f"the inline program could not be run: {error}")
        self.ended = True
        self._changed()

    def kill(self) -> None:
        self._call.cancel()
