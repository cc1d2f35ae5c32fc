"""Runs the user's program: a local one in a child process, an inline one of the Automation API over gRPC."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from sandbox.engine.child import SHOWN_TO_THE_USER
from sandbox.engine.launcher import Child
from sandbox.engine.registry import UNLIMITED
from sandbox.engine.targets import Options

if TYPE_CHECKING:
    from sandbox.engine.session import Session

Log = Callable[[str, str], None]
"""(severity, message) to the user."""


class Program:
    """A started program. `ended` is set when it is over; `failed` then says how.

    What it says and its end are kept back until `attach`.
    """

    def __init__(self) -> None:
        self._attached = threading.Event()
        self._log: Log = lambda _severity, _text: None
        self._changed: Callable[[], None] = lambda: None
        self.ended, self.failed = False, False

    def attach(self, log: Log, changed: Callable[[], None]) -> None:
        """From now on `log` takes what it says, and `changed` is called when it has ended."""
        self._log, self._changed = log, changed
        self._attached.set()

    def kill(self) -> None:
        raise NotImplementedError


class LocalProgram(Program):
    """A program in a child process; `address` serves both the monitor and the engine's log."""

    def __init__(self, session: Session, options: Options, address: str) -> None:
        super().__init__()
        self._killed = False
        project = session.project
        spec: dict[str, Any] = {
            "kind": "program",
            "program": str(project.program),
            "debug": options.debug,
            "settings": _settings(session, options, address),
            "config": {key: value.text for key, value in session.config.items()},
            "secret_keys": [key for key, value in session.config.items() if value.secret],
        }
        environment = dict(os.environ) | {
            "PULUMI_ORGANIZATION": "organization",
            "PULUMI_PROJECT": project.name,
            "PULUMI_STACK": session.stack.name,
            "PULUMI_DRY_RUN": str(options.preview).lower(),
        }
        directory = project.working_directory
        self._child: Child = session.launcher.start(project.python, directory, environment, spec)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._wait, daemon=True).start()

    def _read(self) -> None:
        self._attached.wait()
        for line in self._child.output:
            if text := line.decode(errors="replace").rstrip("\n"):
                self._log("info", text)

    def _wait(self) -> None:
        code = self._child.wait()
        self._attached.wait()
        self._reader.join(timeout=2)
        self.failed = code != 0
        if code not in (0, 1, SHOWN_TO_THE_USER) and not self._killed:
            self._log("error", f"Program exited with non-zero exit code: {code}")
        self.ended = True
        self._changed()

    def kill(self) -> None:
        self._killed = True
        self._child.kill()


def _settings(session: Session, options: Options, address: str) -> dict[str, Any]:
    return {
        "project": session.project.name,
        "stack": session.stack.name,
        "organization": "organization",
        "monitor": address,
        "engine": address,
        "parallel": options.parallel,
        "dry_run": options.preview,
        "root_directory": str(session.project.directory),
    }


class InlineProgram(Program):
    """A program that lives in the process which called the Automation API."""

    def __init__(self, session: Session, options: Options, address: str) -> None:
        super().__init__()
        request = language_pb2.RunRequest(
            project=session.project.name,
            stack=session.stack.name,
            organization="organization",
            pwd=str(session.project.directory),
            args=[address],
            monitor_address=address,
            dryRun=options.preview,
            parallel=options.parallel,
            config={key: value.text for key, value in session.config.items()},
            configSecretKeys=[key for key, value in session.config.items() if value.secret],
        )
        stub = language_pb2_grpc.LanguageRuntimeStub(grpc.insecure_channel(session.client, options=UNLIMITED))
        self._call = stub.Run.future(request)
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        try:
            self.failed = bool(self._call.result().error)
        except (grpc.RpcError, grpc.FutureCancelledError) as error:
            self.failed = True
            if not self._call.cancelled():
                self._attached.wait()
                self._log("error", f"the inline program could not be run: {error}")
        self.ended = True
        self._changed()

    def kill(self) -> None:
        self._call.cancel()
