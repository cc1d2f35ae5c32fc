"""Carries steps out, with the journal before and after each (pkg/resource/deploy/step_executor.go)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

from sandbox.engine.applier import Applier
from sandbox.engine.callbacks import Callbacks
from sandbox.engine.errors import Bail, Protected, StepFailed
from sandbox.engine.events import Events
from sandbox.engine.journal import Journal
from sandbox.engine.planner import Planner
from sandbox.engine.registry import Registry
from sandbox.engine.state import Resource
from sandbox.engine.steps import DELETES, Step
from sandbox.engine.targets import Options
from sandbox.engine.values import PropertyMap, is_secret, secret

AWAKE_EVERY = 0.2
"""Seconds. Python handles a signal between two waits of the main thread: one that comes just as a wait begins
would be heard only at its end. Seen in 1 of 20 interrupts on a busy computer."""


class Executor:
    def __init__(
        self,
        planner: Planner,
        registry: Registry,
        journal: Journal,
        callbacks: Callbacks,
        events: Events,
        options: Options,
    ) -> None:
        self._journal, self._events, self._options = journal, events, options
        self.applier = Applier(planner, registry, callbacks, events, options, self.fail)
        self._slots = threading.BoundedSemaphore(options.parallel)
        self._idle = threading.Condition()
        self._running = 0
        self.stopped = threading.Event()
        self.over = threading.Event()
        self.failed = self.step_failed = False
        self.changes: Counter[str] = Counter()
        self.broken: set[Resource] = set()

    def stop(self) -> None:
        """Let nothing new begin; what runs goes on to its end."""
        self.stopped.set()

    def fail(self) -> None:
        self.failed = True
        if not self._options.continue_on_error:
            self.stop()

    def wait_until_idle(self) -> None:
        with self._idle:
            while not self._idle.wait_for(lambda: self._running == 0, AWAKE_EVERY):
                pass

    def run(self, steps: list[Step]) -> None:
        """One after the other; raises Bail when one fails or the run has been stopped."""
        with self._slots, self._busy():
            for step in steps:
                if self.stopped.is_set():
                    raise Bail
                self._one(step)

    def run_together(self, steps: list[Step]) -> None:
        """All at once, within the limit; failures are recorded, not raised."""

        def attempt(step: Step) -> None:
            try:
                self.run([step])
            except Bail:
                self.broken.add(step.resource)

        with ThreadPoolExecutor(max(1, min(len(steps), self._options.parallel))) as pool:
            attempts = [pool.submit(attempt, step) for step in steps]
            while wait(attempts, AWAKE_EVERY).not_done:
                pass
            for each in attempts:
                each.result()

    @contextmanager
    def _busy(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, by: int) -> None:
        with self._idle:
            self._running += by
            self._idle.notify_all()

    def register_outputs(self, step: Step, outputs: PropertyMap) -> None:
        """Attach a component's outputs to its state."""
        new = step.resource
        if step.skipped:
            return
        new.outputs = outputs
        if not new.custom and step.op in ("create", "update"):
            self.applier.hooks(f"after_{step.op}", step)
        self._report_outputs(step)
        self._journal.outputs_registered(step)

    def _one(self, step: Step) -> None:
        self._emit("resourcePreEvent", step)
        self._journal.begin(step)
        try:
            self.applier.apply(step)
        except StepFailed as failure:
            self._report_failure(step, str(failure), fatal=not isinstance(failure, Protected))
        except Exception:
            self._journal.end(step, successful=False)
            raise
        self._mark_secrets(step)
        self._journal.end(step, successful=True)
        self._report(step)

    def _report(self, step: Step) -> None:
        if not step.resource.is_default_provider and _counts(step):
            self.changes[step.shown_as or step.op] += 1
        if self._options.preview or step.resource.custom or step.op in ("refresh", *DELETES):
            self._report_outputs(step)

    def _report_outputs(self, step: Step) -> None:
        self._emit("resOutputsEvent", step, {"planning": True} if self._options.preview else {})

    def _emit(self, kind: str, step: Step, more: PropertyMap | None = None) -> None:
        self._events.emit(kind, {"metadata": step.metadata()} | (more or {}))

    def _report_failure(self, step: Step, message: str, fatal: bool) -> None:
        self._journal.end(step, successful=False)
        start = "Preview failed: " if self._options.preview else ""
        urn = "" if step.resource.is_default_provider else step.urn
        self._events.diagnostic("error", start + message, urn)
        if not self._options.preview:
            self._emit("resOpFailedEvent", step, {"status": 1, "steps": 0})
        self.failed = self.step_failed = True
        if fatal:
            self.fail()
        raise Bail

    def _mark_secrets(self, step: Step) -> None:
        new = step.new
        if new is None or step.op in ("replace", "refresh"):
            return
        for key in new.outputs:
            if key in new.additional_secret_outputs or is_secret(new.inputs.get(key)):
                new.outputs[key] = secret(new.outputs[key])


def _counts(step: Step) -> bool:
    """Whether the summary counts it: a refresh only as what it found, a read only with new outputs."""
    if step.op == "refresh":
        return bool(step.shown_as)
    if step.op == "read":
        return step.old is not None and step.new is not None and step.old.outputs != step.new.outputs
    return step.logical
