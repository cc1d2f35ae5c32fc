"""Keeps the recorded state true while steps run: it is written before and after every operation.

What is written follows the CLI's snapshot manager (pkg/backend/snapshot.go): new resources in the order in
which they
were done, then what is left of the old ones, with operations under way listed as pending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sandbox.engine.state import Resource, Snapshot
from sandbox.engine.steps import CREATES, DELETES, READS, Step

_PENDING = {"create": "creating", "create-replacement": "creating", "update": "updating", "read": "reading"}
_PENDING |= dict.fromkeys(DELETES, "deleting") | {"read-replacement": "reading"}
_UNSAVED = (
    "source_position",
    "stack_trace",
    "created",
    "modified",
    "ignore_changes",
    "replace_on_changes",
    "aliases",
)


class Journal:
    """`save` is given each new snapshot; a preview passes a function that keeps nothing."""

    def __init__(self, base: Snapshot, save: Callable[[Snapshot], None]) -> None:
        self._base, self._save = base, save
        self._new: list[Resource] = []
        self._done: set[Resource] = set()
        self._pending: dict[Resource, str] = {}
        self._lock = threading.RLock()
        self._elided = self._frozen = False

    def begin(self, step: Step) -> None:
        if step.op in _PENDING:
            with self._lock:
                self._pending[step.resource] = _PENDING[step.op]
                self.write()

    def end(self, step: Step, successful: bool) -> None:
        with self._lock:
            self._pending.pop(step.resource, None)
            if successful:
                self._take(step)
            if step.op == "same" and successful and not self._differs(step):
                self._elided = True
            elif step.op not in ("replace", "refresh"):
                self.write()

    def _take(self, step: Step) -> None:
        old, new = step.old, step.new
        if step.op in CREATES:
            if old is not None and old.pending_replacement:
                self._done.add(old)
        elif step.op == "read-replacement" or step.op == "replace":
            pass
        elif old is not None and not (step.op in DELETES and old.pending_replacement):
            self._done.add(old)
        if new is not None and not step.skipped and step.op in ("same", "update", *CREATES, *READS):
            self._new.append(new)

    def _differs(self, step: Step) -> bool:
        if step.skipped or step.old is None or step.new is None:
            return False
        old, new = vars(step.old), vars(step.new)
        return any(
            old[name] != new[name]
            for name in old
            if name not in _UNSAVED and not _same_set(old[name], new[name])
        )

    def outputs_registered(self, step: Step) -> None:
        with self._lock:
            if step.old is not None and step.new is not None and step.old.outputs == step.new.outputs:
                self._elided = True
            else:
                self.write()

    def rebase(self, resources: list[Resource], forget_creates: bool) -> None:
        """Start over from refreshed resources, dropping operations that were pending."""
        with self._lock:
            kept = (
                [] if forget_creates else [(r, kind) for r, kind in self._base.pending if kind == "creating"]
            )
            self._base = Snapshot(resources, kept, self._base.metadata)
            self._new, self._done = [], set()
            self.write()

    def snapshot(self) -> Snapshot:
        resources = [r for r in self._new if r not in self._done]
        resources += [r for r in self._base.resources if r not in self._done]
        interrupted = [(r, kind) for r, kind in self._base.pending if kind == "creating"]
        pending = [*self._pending.items(), *interrupted]
        return Snapshot(_renamed(resources), pending, self._base.metadata)

    def write(self) -> None:
        with self._lock:
            self._elided = False
            if not self._frozen:
                self._save(self.snapshot())

    def freeze(self) -> None:
        """Keep what is saved: how operations end that are cut off from here on is not known."""
        with self._lock:
            self._frozen = True

    def close(self) -> None:
        if self._elided:
            self.write()


def _same_set(old: Any, new: Any) -> bool:
    return isinstance(old, list) and isinstance(new, list) and sorted(map(str, old)) == sorted(map(str, new))


def _renamed(resources: list[Resource]) -> list[Resource]:
    """Let references to a resource's old names follow it (Go: NormalizeURNReferences)."""
    renames = {alias: r.urn for r in resources for alias in r.aliases}
    if not renames:
        return resources
    return [_with_new_names(resource, renames) for resource in resources]


def _with_new_names(resource: Resource, renames: dict[str, str]) -> Resource:
    def new(urn: str) -> str:
        return renames.get(urn, urn)

    provider, _, identity = resource.provider.rpartition("::")
    return resource.copy(
        aliases=[],
        parent=new(resource.parent),
        provider=f"{new(provider)}::{identity}" if provider else "",
        dependencies=[new(urn) for urn in resource.dependencies],
        property_dependencies={
            k: [new(u) for u in urns] for k, urns in resource.property_dependencies.items()
        },
        deleted_with=new(resource.deleted_with),
    )
