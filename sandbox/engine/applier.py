"""What each kind of step does to a resource and its state (pkg/resource/deploy/step.go)."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.engine.callbacks import Callbacks
from sandbox.engine.diff import Diff
from sandbox.engine.errors import Protected, StepFailed
from sandbox.engine.events import Events
from sandbox.engine.planner import Planner
from sandbox.engine.registry import Registry
from sandbox.engine.state import timestamp
from sandbox.engine.steps import CREATES, DELETES, READS, Step
from sandbox.engine.targets import Options

_INVERTED = {"add": "delete", "delete": "add", "update": "update"}


class Applier:
    """Applies single steps; raises StepFailed (or Protected) when one cannot be done."""

    def __init__(
        self,
        planner: Planner,
        registry: Registry,
        callbacks: Callbacks,
        events: Events,
        options: Options,
        hook_failed: Callable[[], None],
    ) -> None:
        self._planner, self._registry, self._callbacks = planner, registry, callbacks
        self._events, self._options, self._hook_failed = events, options, hook_failed
        self.refresh_is_the_operation = False

    def hooks(self, kind: str, step: Step) -> None:
        """A before hook's failure is the step's; an after hook's is reported, since the step is done."""
        try:
            self._callbacks.run_hooks(kind, step)
        except StepFailed as failure:
            if kind.startswith("before"):
                raise
            self._events.diagnostic("error", str(failure), step.urn)
            self._hook_failed()

    def apply(self, step: Step) -> None:
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
        self.hooks("before_create", step)
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
            self.hooks("after_create", step)

    def _update(self, step: Step) -> None:
        old, new = step.old, step.new
        assert old is not None
        assert new is not None
        new.id = old.id
        self.hooks("before_update", step)
        if new.is_provider:
            new.outputs = dict(self._registry.configure(new, new.id))
        elif new.custom:
            timeout = new.custom_timeouts.get("update", 0)
            new.outputs = dict(
                self._planner.provider_of(new).update(old, new, timeout, self._options.preview)
            )
        if new.custom:
            new.modified = timestamp()
            self.hooks("after_update", step)

    def _delete(self, step: Step) -> None:
        old = step.old
        assert old is not None
        self.hooks("before_delete", step)
        if step.op == "delete" and old.protect:
            raise Protected(_PROTECTED.format(urn=old.urn))
        gone_with = old.deleted_with and old.deleted_with in self._planner.operated.deleted
        untouched = self._options.preview or old.external or old.retain_on_delete or gone_with
        if old.custom and not old.is_provider and not untouched:
            self._planner.provider_of(old).delete(old, old.custom_timeouts.get("delete", 0))
        if step.pending:
            old.pending_replacement = True
        self.hooks("after_delete", step)

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
        step.new.id, step.new.outputs = identity, outputs
        step.new.inputs = old.inputs if inputs is None else inputs
        known = inputs or {} if old.external else step.new.inputs
        if (known, step.new.outputs) != (old.inputs, old.outputs):
            step.new.modified = timestamp()
        if old.external:  # it has outputs only
            step.diff = Diff(old.outputs != step.new.outputs)
        else:
            step.diff = _inverted(provider.diff(step.new, old.inputs, old.ignore_changes))
        if step.diff.changes and self.refresh_is_the_operation:
            step.shown_as = "update"


_PROTECTED = """resource "{urn}" cannot be deleted
because it is protected. To unprotect the resource, either remove the `protect` flag from the resource in \
your Pulumi program and run `pulumi up`, or use the command:
`pulumi state unprotect '{urn}'`"""


def _inverted(diff: Diff) -> Diff:
    """What the real thing has against what the program last wanted, rather than the reverse."""
    detailed = diff.detailed and {
        path: each._replace(kind=_INVERTED[each.kind.removesuffix("-replace")])
        for path, each in diff.detailed.items()
    }
    return Diff(diff.changes, [], diff.changed_keys, detailed)
