"""Older URNs under which state may have a resource (deploy/step_generator.go: generateAliases)."""

from __future__ import annotations

from typing import Any

from sandbox.engine.state import make_urn
from sandbox.engine.steps import Goal


class Aliases:
    """Remembers renames, because a renamed parent renames its children."""

    def __init__(self, stack: str, project: str) -> None:
        self._stack, self._project = stack, project
        self.renamed: dict[str, str] = {}  # old URN -> new URN

    def of(self, goal: Goal) -> list[str]:
        """The URNs to look under, after the resource's own."""
        parent, kind, name = goal.new.parent, goal.new.type, goal.name
        found = [self._urn(alias, parent, kind, name) for alias in goal.aliases]
        if old_parent := self._old_name(parent):
            for urn in [make_urn(self._stack, self._project, parent, kind, name), *found]:
                found.append(self._inherited(urn, parent, old_parent))
        return list(dict.fromkeys(found))

    def _old_name(self, urn: str) -> str:
        return next((old for old, new in self.renamed.items() if new == urn), "")

    def _urn(self, alias: Any, parent: str, kind: str, name: str) -> str:
        if alias.urn:
            return str(alias.urn)
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or parent
        stack, project = spec.stack or self._stack, spec.project or self._project
        return make_urn(
            stack, project, self._old_name(parent) or parent, spec.type or kind, spec.name or name
        )

    def _inherited(self, urn: str, parent: str, old_parent: str) -> str:
        kind, name = urn.split("::")[2].rpartition("$")[2], urn.rpartition("::")[2]
        parent_name = parent.rpartition("::")[2]
        if name.startswith(parent_name):
            name = old_parent.rpartition("::")[2] + name.removeprefix(parent_name)
        return make_urn(self._stack, self._project, old_parent, kind, name)
