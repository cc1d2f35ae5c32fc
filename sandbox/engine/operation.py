"""One run over a stack: refresh, program, deletes, outputs, in this order, with state written as it goes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.engine.callbacks import Callbacks
from sandbox.engine.errors import Bail, StepFailed
from sandbox.engine.events import Events
from sandbox.engine.executor import AWAKE_EVERY, Executor
from sandbox.engine.gate import HeldProgram
from sandbox.engine.graph import deletion_order, without_dangling
from sandbox.engine.journal import Journal
from sandbox.engine.monitor import Monitor
from sandbox.engine.planner import Planner
from sandbox.engine.program import Program
from sandbox.engine.registry import Registry
from sandbox.engine.session import Session
from sandbox.engine.state import STACK_TYPE, Snapshot
from sandbox.engine.steps import Step
from sandbox.engine.targets import Options, matches

_PENDING = """Attempting to deploy or update resources with {count} pending operations from previous
deployment.
{list}
These resources are in an unknown state because the Pulumi CLI was interrupted while waiting for changes to
these resources to complete. You should confirm whether or not the operations listed completed successfully
by checking the state of the appropriate provider. To clear pending creates run
`pulumi refresh --clear-pending-creates`."""


@dataclass
class Outcome:
    changes: Counter[str]
    failed: bool
    seconds: float


class Operation:
    """`kind` is update, refresh or destroy; `save` stores a snapshot (a preview's does nothing).

    `held`: the program, where it was started already.
    """

    def __init__(
        self,
        session: Session,
        kind: str,
        options: Options,
        base: Snapshot,
        save: Callable[[Snapshot], None],
        events: Events,
        held: HeldProgram | None = None,
    ) -> None:
        self._session, self._kind, self._options = session, kind, options
        self._base, self._events, self._held = base, events, held
        registry = Registry(session.providers, session.builtins)
        self._journal = Journal(base, save)
        self._callbacks = Callbacks(options.preview, events)
        stack, project = session.stack.name, session.project.name
        self._planner = Planner(stack, project, base, registry, options, events.diagnostic)
        self._executor = Executor(self._planner, registry, self._journal, self._callbacks, events, options)
        self._executor.applier.refresh_is_the_operation = kind == "refresh"
        self._wake = threading.Event()
        self.cancelled = self.terminated = False
        session.log.events = events

    def cancel(self) -> None:
        """Stop gently: what is running goes on to its end and is recorded."""
        self.cancelled = True
        self._executor.stop()
        self._session.providers.cancel()
        self._wake.set()

    def run(self, clear_pending_creates: bool = False) -> Outcome:
        started = time.monotonic()
        config = {key: value.masked for key, value in self._session.config.items()}
        self._events.emit("preludeEvent", {"config": config})
        try:
            self._phases(clear_pending_creates)
        except (Bail, StepFailed) as error:
            self._executor.failed = True
            if str(error):
                self._events.diagnostic("error", str(error))
        finally:
            if self.terminated:
                self._journal.freeze()
            self._executor.over.set()
            self._journal.close()
            if self._held:  # never let go, because the run ended before
                self._held.program.kill()
        return self._outcome(started)

    def _outcome(self, started: float) -> Outcome:
        failed = self._executor.failed or self._planner.errored or self.cancelled
        if self.cancelled or self._executor.step_failed:
            kind = "preview" if self._options.preview else "update"
            self._events.diagnostic("error", f"{kind} {'canceled' if self.cancelled else 'failed'}")
        seconds = time.monotonic() - started
        changes = dict(sorted(self._executor.changes.items()))
        summary: dict[str, Any] = {
            "maybeCorrupt": False,
            "durationSeconds": max(1, round(seconds)),
            "resourceChanges": changes,
        }
        result = "failed" if failed else "succeeded"
        summary |= {"PolicyPacks": {}, "isPreview": self._options.preview, "result": result}
        self._events.emit("summaryEvent", summary)
        self._events.emit("cancelEvent", {})
        return Outcome(self._executor.changes, failed, seconds)

    def _phases(self, clear_pending_creates: bool) -> None:
        if self._kind == "refresh" or self._options.refresh:
            self._refresh(clear_pending_creates)
        elif self._base.pending and not self._options.preview:
            listed = "\n".join(
                f"  * {resource.urn}, interrupted while {kind}" for resource, kind in self._base.pending
            )
            self._events.diagnostic("warning", _PENDING.format(count=len(self._base.pending), list=listed))
        if self._kind == "refresh":
            return
        if self._kind == "update":
            self._run_program()
        else:
            self._check_targets("no resource named '{}' found")
            self._delete_the_rest()

    def _check_targets(self, complaint: str) -> None:
        known = self._planner.olds.keys() | self._planner.operated.seen
        for urn in (*self._options.targets, *self._options.excludes, *self._options.replace):
            if "*" not in urn and urn not in known:
                raise StepFailed(complaint.format(urn))

    def _refresh(self, clear_pending_creates: bool) -> None:
        options = self._options
        steps = []
        for resource in self._planner.resources:
            included = not options.targets or matches(resource.urn, options.targets)
            if included and not (options.excludes and matches(resource.urn, options.excludes)):
                steps.append(Step("refresh", resource, resource.copy(), logical=False))
        self._executor.run_together(steps)
        results = {step.old: step.new for step in steps if step.old not in self._executor.broken}
        fresh = [results.get(resource, resource) for resource in self._planner.resources]
        gone = [resource for resource in self._planner.resources if results.get(resource, resource) is None]
        resources = without_dangling([resource for resource in fresh if resource is not None], gone)
        self._planner.resources[:] = resources
        self._planner.olds = {resource.urn: resource for resource in resources if not resource.delete}
        self._journal.rebase(resources, clear_pending_creates)
        if self._executor.failed or self._executor.stopped.is_set():
            raise Bail

    def _run_program(self) -> None:
        session = self._session
        monitor = Monitor(
            session, self._planner, self._executor, self._events, self._options, self._callbacks
        )
        monitor.wake = self._wake.set
        held, self._held = self._held or HeldProgram(session, self._options), None
        held.let_go(monitor, session.log, self._events.diagnostic, self._wake.set)
        try:
            self._follow(held.program, monitor)
        finally:
            self._executor.over.set()
            if not self.terminated:
                self._wind_up(held.program, monitor)
            held.stop_serving()

    def _wind_up(self, program: Program, monitor: Monitor) -> None:
        self._executor.wait_until_idle()
        if not program.ended and (self._executor.failed or self._executor.stopped.is_set()):
            program.kill()
        self._await_end(program)
        self._finish_outputs(monitor)

    def _follow(self, program: Program, monitor: Monitor) -> None:
        """Wait until the program has registered everything, then delete what it did not."""
        while not (program.ended or monitor.finished.is_set() or self._executor.stopped.is_set()):
            self._wake.wait(AWAKE_EVERY)
            self._wake.clear()
        self._executor.wait_until_idle()
        if program.ended and program.failed:
            self._executor.failed = True
        if self._executor.stopped.is_set() or (program.ended and program.failed):
            raise Bail
        fix = "Did you forget to escape $ in your shell?"
        self._check_targets(f"Target '{{}}' could not be found in the stack. {fix}")
        self._delete_the_rest()

    def _await_end(self, program: Program) -> None:
        deadline = time.monotonic() + 10
        while not program.ended and time.monotonic() < deadline:
            self._wake.wait(0.5)
            self._wake.clear()

    def _finish_outputs(self, monitor: Monitor) -> None:
        """The stack's outputs come last; after a failure the ones that are missing keep their old values."""
        root = next((step for step in monitor.registered.values() if step.resource.type == STACK_TYPE), None)
        if root is None or monitor.stack_outputs is None:
            return
        outputs = monitor.stack_outputs
        if self._executor.failed and root.old is not None:
            outputs = root.old.outputs | outputs
        self._executor.register_outputs(root, outputs)

    def _delete_the_rest(self) -> None:
        try:
            keeps, deletes = self._planner.plan_deletes()
        except Bail:
            self._executor.step_failed = True
            raise
        self._executor.run(keeps)
        by_resource = {step.resource: step for step in deletes}
        for group in deletion_order(list(by_resource), self._planner.resources):
            blocked = self._needed_by_broken()
            self._executor.run_together(
                [by_resource[resource] for resource in group if resource.urn not in blocked]
            )
            if self._executor.stopped.is_set():
                raise Bail

    def _needed_by_broken(self) -> set[str]:
        """What a resource that could not be deleted still needs, directly or not."""
        needed: set[str] = set()
        for resource in self._planner.resources[::-1]:
            if resource in self._executor.broken or resource.urn in needed:
                needed |= resource.references()
        return needed
