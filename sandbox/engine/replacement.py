"""What must be replaced with a resource that is deleted first (Go: calculateDependentReplacements)."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.engine.diff import Diff, replacing
from sandbox.engine.graph import dependants
from sandbox.engine.state import Resource
from sandbox.engine.values import UNKNOWN, PropertyMap

Compare = Callable[[Resource, PropertyMap], Diff]
"""Ask the resource's provider what other inputs would change."""


def cascade(
    root: Resource, resources: list[Resource], untouchable: set[str], compare: Compare
) -> list[tuple[Resource, list[str]]]:
    """Dependants of `root` to delete and create again, in order, each with the properties that force it."""
    replaced, found = {root.urn}, []
    for resource in dependants(root, resources, untouchable):
        keys = _reasons(resource, replaced, compare)
        if keys is not None:
            found.append((resource, keys))
            replaced.add(resource.urn)
    for resource in resources:
        if resource.deleted_with == root.urn and not resource.delete and resource.urn not in replaced:
            found.append((resource, []))
    return found


def _reasons(resource: Resource, replaced: set[str], compare: Compare) -> list[str] | None:
    """The properties that force a replacement; None when nothing does."""
    if not resource.custom or resource.external:
        return None
    if resource.provider.rpartition("::")[0] in replaced or resource.deleted_with in replaced:
        return []
    deps = resource.property_dependencies
    inputs = {k: UNKNOWN if replaced & set(deps.get(k, [])) else v for k, v in resource.inputs.items()}
    if inputs == resource.inputs:
        return None
    diff = replacing(compare(resource, inputs), resource.replace_on_changes)
    return diff.replace_keys if diff.replaces else None
