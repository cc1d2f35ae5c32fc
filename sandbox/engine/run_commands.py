"""pulumi preview, up, refresh and destroy."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sandbox.engine import VERSION
from sandbox.engine.builtins import Builtins
from sandbox.engine.context import Context
from sandbox.engine.details import Details
from sandbox.engine.display import display_for
from sandbox.engine.errors import CommandError, unsupported
from sandbox.engine.events import Events, Listener, event_log, without_default_providers
from sandbox.engine.gate import HeldProgram
from sandbox.engine.operation import Operation, Outcome
from sandbox.engine.rows import confirm
from sandbox.engine.session import close_session, open_session
from sandbox.engine.state import Snapshot
from sandbox.engine.targets import Options

NOTICE = "sandbox engine: this is not the Pulumi CLI; it stands in for it, for stacks on this machine only"
DEFAULT_PARALLEL, MOST_PARALLEL = 32, 1024
_DESTROYED = """The resources in the stack have been deleted, but the history and configuration associated \
with the stack are still maintained.\x20
If you want to remove the stack completely, run `pulumi stack rm {stack}`."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Interrupted(BaseException):
    """The second Ctrl-C: stop at once; operations under way stay recorded as pending."""


def require_loopback() -> None:
    """Raises CommandError unless PAPERSPACE_API_URL is on this machine."""
    url = os.environ.get("PAPERSPACE_API_URL", "")
    host = urlsplit(url).hostname or ""
    if host in _LOOPBACK or host.startswith("127."):
        return
    found = (
        f"PAPERSPACE_API_URL is {url}, which is"
        if url
        else "PAPERSPACE_API_URL is not set, so the endpoint is"
    )
    msg = (
        f"{found} not on this machine, and the sandbox engine manages only local stacks.\n"
        f"Install the real CLI: curl -fsSL https://get.pulumi.com | sh -s -- --version {VERSION}"
    )
    raise CommandError(msg)


def preview(context: Context) -> int:
    return _run(context, "update", only_preview=True)


def up(context: Context) -> int:
    return _run(context, "update", only_preview=False)


def refresh(context: Context) -> int:
    return _run(context, "refresh", only_preview=context.arguments.preview_only)


def destroy(context: Context) -> int:
    return _run(context, "destroy", only_preview=context.arguments.preview_only)


def _run(context: Context, kind: str, only_preview: bool) -> int:
    print(NOTICE, file=sys.stderr, flush=True)
    require_loopback()
    arguments = context.arguments
    if kind in ("destroy", "refresh") and arguments.run_program:
        raise CommandError(unsupported("--run-program is"))
    unattended = not (context.interactive and sys.stdin.isatty())
    if unattended and not (only_preview or arguments.yes or arguments.skip_preview):
        flags = "--yes or --skip-preview or --preview-only"
        msg = f"{flags} must be passed in to proceed when running in non-interactive mode"
        raise CommandError(msg, exit_code=2)
    config = _configuration(context)
    options = _options(context, kind)
    if only_preview:
        return Runner(context, kind, options, config).preview_only()
    with context.backend.lock(context.stack):
        context.__dict__.pop("deployment", None)  # read again: it may have changed before the lock was ours
        return Runner(context, kind, options, config).preview_and_run()


def _configuration(context: Context) -> Any:
    if extra := context.arguments.config:
        from sandbox.engine.config_commands import entry, store

        is_path = context.arguments.config_path
        store(context, [entry(pair, False, is_path) for pair in extra], is_path)
    return context.values()


def _options(context: Context, kind: str) -> Options:
    given = context.arguments
    always = context.project.refresh_always
    return Options(
        preview=True,
        parallel=min(given.parallel or DEFAULT_PARALLEL, MOST_PARALLEL),
        targets=tuple([*given.target, *given.target_replace]),
        target_dependents=given.target_dependents,
        excludes=tuple(given.exclude),
        replace=tuple([*given.replace, *given.target_replace]),
        continue_on_error=given.continue_on_error,
        refresh=kind != "refresh" and (always if given.refresh is None else given.refresh),
        exclude_protected=given.exclude_protected,
        debug=bool(given.debug or given.event_log),
    )


def _keep_nothing(_snapshot: Snapshot) -> None:
    """A preview's way of saving."""


class Runner:
    """Previews and runs one command, and says how it went."""

    def __init__(self, context: Context, kind: str, options: Options, config: Any) -> None:
        self._context, self._kind, self._options, self._config = context, kind, options, config
        arguments = context.arguments
        self._log: Listener | None = None
        self._close_log: Callable[[], None] = lambda: None
        dynamic = context.holds_dynamic_resources()
        project, builtins = context.project, Builtins(context.open_stack)
        self._session = open_session(project, context.stack, config, builtins, arguments.client, dynamic)
        if arguments.event_log:  # only now, because nothing may use gRPC before the forker is started
            self._log, self._close_log = event_log(arguments.event_log)
        self._operation: Operation | None = None
        self._only_preview = False
        self._interrupts = 0
        signal.signal(signal.SIGINT, self._interrupt)
        signal.signal(signal.SIGTERM, self._interrupt)

    def _interrupt(self, _signal: int, _frame: Any) -> None:
        self._interrupts += 1
        if self._operation is not None:
            self._operation.terminated = self._interrupts > 1
        if self._interrupts > 1 or self._operation is None:
            raise Interrupted
        self._operation.cancel()  # before it is said: who reads it may rely on it
        print(
            "^C received; cancelling. If you would like to terminate immediately, press ^C again.",
            file=sys.stderr,
            flush=True,
        )

    def preview_only(self) -> int:
        self._only_preview = True
        try:
            return self._judge(self._once(self._options, _keep_nothing))
        finally:
            self._end()

    def preview_and_run(self) -> int:
        arguments = self._context.arguments
        try:
            if not arguments.skip_preview:
                details, told = Details(True, arguments, only_changes=True), list[str]()
                listeners = [] if arguments.yes else [lambda event: told.append(details(event))]
                outcome = self._once(self._options, _keep_nothing, *listeners)
                if outcome.failed:
                    return 1
                self._operation = None  # at the question, the first Ctrl-C ends the command
                if not arguments.yes and not confirm(self._kind, "".join(told)):
                    msg = "confirmation declined, not proceeding with the update"
                    raise CommandError(msg)
            return self._update()
        finally:
            self._end()

    def _end(self) -> None:
        self._close_log()
        close_session(self._session)

    def _update(self) -> int:
        started = int(time.time())
        outcome = None
        if self._kind == "update":
            self._session.providers.get_ready_to_connect()
        try:
            outcome = self._once(replace(self._options, preview=False), self._context.save)
        finally:
            self._record(started, outcome)
        return self._judge(outcome)

    def _once(self, options: Options, save: Callable[[Snapshot], None], *others: Listener) -> Outcome:
        context, arguments = self._context, self._context.arguments
        listeners = [display_for(self._kind, context.stack, options.preview, arguments, context.interactive)]
        listeners = [without_default_providers(each) for each in (*listeners, *others)]
        if self._log is not None and (self._only_preview or not options.preview):
            listeners.append(self._log)
        held = self._hold(options)
        try:
            base = self._context.snapshot()
        except CommandError:
            if held:
                held.program.kill()
            raise
        self._operation = Operation(self._session, self._kind, options, base, save, Events(listeners), held)
        return self._operation.run(arguments.clear_pending_creates)

    def _hold(self, options: Options) -> HeldProgram | None:
        """The program, started before the state is decrypted, for that waits for the key."""
        if self._kind != "update" or self._session.client:
            return None
        return HeldProgram(self._session, options)

    def _judge(self, outcome: Outcome) -> int:
        if outcome.failed:
            return 1
        arguments = self._context.arguments
        if self._kind == "destroy" and not (self._only_preview or arguments.json or arguments.target):
            print(_DESTROYED.format(stack=self._context.stack.name))
        changed = any(count for op, count in outcome.changes.items() if op not in ("same", "read"))
        if changed and arguments.expect_no_changes:
            operation = "preview" if self._only_preview else self._kind
            msg = f"no changes were expected for {operation} but changes were proposed"
            raise CommandError(msg, exit_code=7)
        return 0

    def _record(self, started: int, outcome: Outcome | None) -> None:
        from sandbox.engine.update_environment import commit_title, update_environment

        context, directory = self._context, self._context.project.directory
        python = context.project.python if self._kind == "update" else ""
        context.backend.record(
            context.stack,
            {
                "kind": self._kind,
                "startTime": started,
                "message": context.arguments.message or commit_title(directory),
                "environment": update_environment(context.arguments, directory, os.environ, python),
                "config": context.settings.config,
                "version": 0,
                "result": "failed" if outcome is None or outcome.failed else "succeeded",
                "endTime": int(time.time()),
                "resourceChanges": dict(outcome.changes) if outcome else {},
            },
        )
