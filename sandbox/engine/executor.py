"""Carries steps out, with the journal before and after each (pkg/resource/deploy/step.go,
step_executor.go)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sandbox.engine.diff import Diff
from sandbox.engine.errors import Bail, Protected, StepFailed
from sandbox.engine.events import Events
from sandbox.engine.journal import Journal
from sandbox.engine.planner import Planner
from sandbox.engine.providers import PartialFailure
from sandbox.engine.registry import Registry
from sandbox.engine.state import Resource, timestamp
from sandbox.engine.steps import CREATES, DELETES, READS, Step
from sandbox.engine.targets import Options
from sandbox.engine.values import PropertyMap, is_secret, secret

Hooks = Callable[[str, Step], None]
"""Runs the resource's hooks of one kind (`before_create` …); raises StepFailed."""
_INVERTED = {"add": "delete", "delete": "add", "update": "update"}


class Executor:
    def __init__(
        self, planner: Planner, registry: Registry, journal: Journal, events: Events, options: Options
    ) -> None:
        self._planner, self._registry, self._journal = planner, registry, journal
        self._events, self._options = events, options
        self._slots = threading.BoundedSemaphore(options.parallel)
        self._idle = threading.Condition()
        self._running = 0
        self.stopped = threading.Event()
        self.over = threading.Event()
        self.failed = self.step_failed = False
        self.changes: Counter[str] = Counter()
        self.run_hooks: Hooks = lambda _kind, _step: None
        self.refresh_is_the_operation = False
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
            self._idle.wait_for(lambda: self._running == 0)

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
            list(pool.map(attempt, steps))

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
        new = step.new or step.resource
        if step.skipped:
            return
        new.outputs = outputs
        if not new.custom and step.op in ("create", "update"):
            self._hooks(f"after_{step.op}", step)
        preview = {"planning": True} if self._options.preview else {}
        self._events.emit("resOutputsEvent", {"metadata": step.metadata()} | preview)
        self._journal.outputs_registered(step)

    def _one(self, step: Step) -> None:
        self._events.emit("resourcePreEvent", {"metadata": step.metadata()})
        self._journal.begin(step)
        try:
            self._apply(step)
        except PartialFailure as failure:
            self._keep_unhealthy(step, failure)
            self._report_failure(step, str(failure), successful=True)
        except StepFailed as failure:
            self._report_failure(
                step, str(failure), successful=False, fatal=not isinstance(failure, Protected)
            )
        except Exception:
            self._journal.end(step, successful=False)
            raise
        self._mark_secrets(step)
        self._journal.end(step, successful=True)
        self._report(step)

    def _report(self, step: Step) -> None:
        if not step.is_internal and _counts(step):
            self.changes[step.shown_as or step.op] += 1
        preview = self._options.preview
        if preview or step.resource.custom or step.op in ("refresh", *DELETES):
            self._events.emit(
                "resOutputsEvent", {"metadata": step.metadata()} | ({"planning": True} if preview else {})
            )

    def _report_failure(self, step: Step, message: str, successful: bool, fatal: bool = True) -> None:
        self._journal.end(step, successful)
        self._events.diagnostic("error", message, "" if step.is_internal else step.urn)
        self._events.emit(
            "resOpFailedEvent", {"metadata": step.metadata(), "status": 2 if successful else 1, "steps": 0}
        )
        self.failed = self.step_failed = True
        if fatal:
            self.fail()
        raise Bail

    def _keep_unhealthy(self, step: Step, failure: PartialFailure) -> None:
        new = step.new
        if new is None or step.op not in ("update", *CREATES):
            raise failure
        new.id, new.outputs, new.init_errors = failure.id or new.id, failure.outputs, failure.reasons
        new.created = new.created or timestamp()
        new.modified = timestamp()
        if step.op == "update" and step.old is not None:
            new.inputs = dict(step.old.inputs)
        self._mark_secrets(step)

    def _mark_secrets(self, step: Step) -> None:
        new = step.new
        if new is None or step.op in ("replace", "refresh"):
            return
        for key in new.outputs:
            if key in new.additional_secret_outputs or is_secret(new.inputs.get(key)):
                new.outputs[key] = secret(new.outputs[key])

    def _hooks(self, kind: str, step: Step) -> None:
        """A before hook's failure is the step's; an after hook's is reported, since the step is done."""
        try:
            self.run_hooks(kind, step)
        except StepFailed as failure:
            if kind.startswith("before"):
                raise
            self._events.diagnostic("error", str(failure), step.urn)
            self.fail()

    def _apply(self, step: Step) -> None:
        if step.op in CREATES:
            self._create(step)
        elif step.op == "update":
            self._update(step)
        elif step.op in DELETES:
            self._delete(step)
        elif step.op in READS:
            self._read(step)
        elif step.op == "refresh":
            self._refresh(step)
        elif step.op == "same" and not step.skipped:
            self._same(step)

    def _same(self, step: Step) -> None:
        old, new = step.old, step.new
        assert old is not None
        assert new is not None
        new.id, new.outputs = old.id, old.outputs
        if new.is_provider:
            self._registry.configure(old, old.id)

    def _create(self, step: Step) -> None:
        new, preview = step.new, self._options.preview
        assert new is not None
        self._hooks("before_create", step)
        if new.is_provider:
            new.id = self._registry.new_identity(preview)
            new.outputs = dict(self._registry.configure(new, new.id))
        elif new.custom:
            timeout = new.custom_timeouts.get("create", 0)
            new.id, outputs = self._planner.provider_of(new).create(new.urn, new.inputs, timeout, preview)
            new.outputs = dict(outputs)
        new.created = new.modified = timestamp()
        if step.op == "create-replacement" and step.pending and step.old is not None:
            step.old.delete = True
        if new.custom:
            self._hooks("after_create", step)

    def _update(self, step: Step) -> None:
        old, new = step.old, step.new
        assert old is not None
        assert new is not None
        new.id = old.id
        self._hooks("before_update", step)
        if new.is_provider:
            new.outputs = dict(self._registry.configure(new, new.id))
        elif new.custom:
            timeout = new.custom_timeouts.get("update", 0)
            new.outputs = dict(
                self._planner.provider_of(new).update(old, new, timeout, self._options.preview)
            )
        if new.custom:
            new.modified = timestamp()
            self._hooks("after_update", step)

    def _delete(self, step: Step) -> None:
        old = step.old
        assert old is not None
        self._hooks("before_delete", step)
        if step.op == "delete" and old.protect:
            raise Protected(_PROTECTED.format(urn=old.urn))
        gone_with = old.deleted_with and old.deleted_with in self._planner.operated.deleted
        untouched = self._options.preview or old.external or old.retain_on_delete or gone_with
        if old.custom and not old.is_provider and not untouched:
            self._planner.provider_of(old).delete(old, old.custom_timeouts.get("delete", 0))
        if step.pending:
            old.pending_replacement = True
        self._hooks("after_delete", step)

    def _read(self, step: Step) -> None:
        new = step.new
        assert new is not None
        identity, outputs, _ = self._planner.provider_of(new).read(new, new.inputs)
        if not identity:
            msg = f"resource '{new.id}' does not exist"
            raise StepFailed(msg)
        new.id, new.outputs = identity, outputs
        if step.old is not None:
            new.created, new.modified = step.old.created, step.old.modified
            if (step.old.inputs, step.old.outputs) != (new.inputs, new.outputs):
                new.modified = timestamp()
            step.old.delete = step.op == "read-replacement"

    def _refresh(self, step: Step) -> None:
        old = step.old
        assert old is not None
        step.new = old.copy(stack_trace=list(old.stack_trace))
        step.shown_as = "same" if self.refresh_is_the_operation else ""
        if not old.custom or old.is_provider or old.pending_replacement:
            return
        provider = self._planner.provider_of(old)
        identity, outputs, inputs = provider.read(old, old.outputs)
        if not identity:
            step.new, step.shown_as = None, "delete" if self.refresh_is_the_operation else ""
            return
        step.new.id, step.new.outputs, step.new.init_errors = identity, outputs, []
        step.new.inputs = old.inputs if inputs is None else inputs
        known = inputs or {} if old.external else step.new.inputs
        if (known, step.new.outputs) != (old.inputs, old.outputs):
            step.new.modified = timestamp()
        step.diff = _inverted(_refresh_diff(provider, old, step.new))
        if step.diff.changes and self.refresh_is_the_operation:
            step.shown_as = "update"


def _counts(step: Step) -> bool:
    """Whether the summary counts it: refreshes only as what they found, reads only when their outputs
    changed."""
    if step.op == "refresh":
        return bool(step.shown_as)
    if step.op == "read":
        return step.old is not None and step.new is not None and step.old.outputs != step.new.outputs
    return step.logical


_PROTECTED = """resource "{urn}" cannot be deleted
because it is protected. To unprotect the resource, either remove the `protect` flag from the resource in
your Pulumi program and run `pulumi up`, or use the command:
`pulumi state unprotect '{urn}'`"""


def _refresh_diff(provider: Any, old: Resource, new: Resource) -> Diff:
    """What the real thing has against what the program last wanted; external resources have outputs only."""
    if old.external:
        return Diff(old.outputs != new.outputs)
    diff: Diff = provider.diff(new, old.inputs, old.ignore_changes)
    return diff


def _inverted(diff: Diff) -> Diff:
    detailed = diff.detailed and {
        path: each._replace(kind=_INVERTED[each.kind.removesuffix("-replace")])
        for path, each in diff.detailed.items()
    }
    return Diff(diff.changes, [], diff.changed_keys, detailed)
