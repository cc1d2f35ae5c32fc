"""Who depends on whom in a snapshot (pkg/resource/graph/dependency_graph.go)."""

from __future__ import annotations

from sandbox.engine.state import Resource


def dependants(
    root: Resource, resources: list[Resource], ignored: set[str], children: bool = False
) -> list[Resource]:
    """Resources after `root` that depend on it, directly or not, in snapshot order."""
    reached, found = {root.urn}, []
    for resource in resources[resources.index(root) + 1 :]:
        needs = resource.references() - (set() if children else {resource.parent})
        if resource.urn not in ignored and needs & reached:
            found.append(resource)
            reached.add(resource.urn)
    return found


def dependencies(resource: Resource, resources: list[Resource]) -> list[Resource]:
    """Resources before `resource` that it needs; a component stands for its children too."""
    needed, components, found = resource.references(), set[str](), []
    before = resources[: resources.index(resource)]
    for candidate in before:
        if candidate.urn in needed or candidate.parent in components:
            found.append(candidate)
            if not candidate.custom and candidate.urn != resource.parent:
                components.add(candidate.urn)
    return found


def deletion_order(condemned: list[Resource], resources: list[Resource]) -> list[list[Resource]]:
    """Groups that can be deleted at the same time, dependants first."""
    left, groups = set(condemned), list[list[Resource]]()
    needs = {resource: set(dependencies(resource, resources)) for resource in condemned}
    while left:
        group = [resource for resource in condemned if resource in left and not needs[resource] & left]
        left -= set(group)
        groups.append(group)
    return groups[::-1]


def without_dangling(resources: list[Resource], gone: list[Resource]) -> list[Resource]:
    """Drop references to resources that a refresh found gone, and empty ones (Go: rebuildBaseState)."""
    parents = {resource.urn: resource.parent for resource in gone}
    present: set[str] = set()
    for resource in resources:
        resource.dependencies = [urn for urn in resource.dependencies if urn in present]
        kept = {k: [u for u in urns if u in present] for k, urns in resource.property_dependencies.items()}
        resource.property_dependencies = {k: urns for k, urns in kept.items() if urns}
        resource.deleted_with = resource.deleted_with if resource.deleted_with in present else ""
        while resource.parent in parents and resource.parent not in present:
            resource.parent = parents[resource.parent]
        present.add(resource.urn)
    return resources
