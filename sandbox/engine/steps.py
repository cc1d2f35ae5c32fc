"""Steps: what is to be done to one resource, as the planner decided it and the executor does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.engine.diff import Diff
from sandbox.engine.state import Resource
from sandbox.engine.values import PropertyMap, masked

DELETES = ("delete", "delete-replaced", "discard", "discard-replaced")
CREATES = ("create", "create-replacement")
READS = ("read", "read-replacement")
NOTHING = Diff(None)


@dataclass(eq=False)
class Goal:
    """A registration: the resource as the program wants it, and what only planning needs."""

    new: Resource
    name: str
    delete_before_replace: bool | None = None
    aliases: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class Step:
    """One operation. `pending` marks an old that a delete leaves in state until its replacement exists."""

    op: str
    old: Resource | None
    new: Resource | None
    diff: Diff = NOTHING
    logical: bool = True
    pending: bool = False
    skipped: bool = False
    shown_as: str = ""

    @property
    def resource(self) -> Resource:
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def urn(self) -> str:
        return self.resource.urn

    def metadata(self) -> PropertyMap:
        """The step as the event log shows it."""
        data: PropertyMap = {"op": self.shown_as or self.op, "urn": self.urn, "type": self.resource.type}
        data |= {"old": _shown(self.old), "new": _shown(self.new)}
        if self.diff.replace_keys:
            data["keys"] = self.diff.replace_keys
        if self.diff.changed_keys:
            data["diffs"] = self.diff.changed_keys
        data["detailedDiff"] = self.diff.detailed and {
            path: {"diffKind": each.kind, "inputDiff": each.of_inputs}
            for path, each in self.diff.detailed.items()
        }
        return data | ({"logical": True} if self.logical else {}) | {"provider": self.resource.provider}


class ShownState(dict[str, Any]):
    """A resource's state as events show it; `resource` is the whole of it, for `--json`."""

    def __init__(self, shown: PropertyMap, resource: Resource) -> None:
        super().__init__(shown)
        self.resource = resource


def _shown(resource: Resource | None) -> ShownState | None:
    if resource is None:
        return None
    shown: PropertyMap = {"type": resource.type, "urn": resource.urn}
    shown |= {name: True for name in ("custom", "delete", "protect", "taint") if getattr(resource, name)}
    shown |= {"id": resource.id, "parent": resource.parent, "inputs": masked(resource.inputs)}
    shown |= {"outputs": masked(resource.outputs), "provider": resource.provider}
    errors = {"initErrors": resource.init_errors} if resource.init_errors else {}
    return ShownState(shown | errors, resource.copy())
