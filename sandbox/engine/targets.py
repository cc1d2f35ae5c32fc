"""What the command line asked for, and which resources that leaves to be touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sandbox.engine.graph import dependants
from sandbox.engine.state import STACK_TYPE, Resource


@dataclass(frozen=True)
class Options:
    """What the command line asked for, as far as planning and execution care."""

    preview: bool
    parallel: int = 16
    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    excludes: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    continue_on_error: bool = False
    refresh: bool = False
    exclude_protected: bool = False
    debug: bool = False


@dataclass
class Operated:
    """URNs by what was decided for them."""

    seen: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    targeted: set[str] = field(default_factory=set)


def is_targeted(resource: Resource, options: Options, operated: Operated) -> bool:
    """Whether an update may touch it; providers and the stack always are."""
    if resource.is_provider or resource.type == STACK_TYPE:
        return True
    if options.excludes:
        return not matches(resource.urn, options.excludes)
    dependent = options.target_dependents and resource.references() & operated.targeted
    targeted = not options.targets or matches(resource.urn, options.targets) or bool(dependent)
    if targeted and options.targets:
        operated.targeted.add(resource.urn)
    return targeted


def deletable(resources: list[Resource], options: Options) -> set[Resource]:
    """What may be deleted: the targets with their dependants, or all but the excluded with their needs."""
    if options.targets:
        named = [resource for resource in resources if matches(resource.urn, options.targets)]
        return {*named, *(d for r in named for d in dependants(r, resources, set(), children=True))}
    kept = [r for r in resources if options.excludes and matches(r.urn, options.excludes)]
    kept += [r for r in resources if options.exclude_protected and r.protect]
    needed = {urn for resource in kept for urn in _needs(resource, resources)}
    return {resource for resource in resources if resource.urn not in needed}


def _needs(resource: Resource, resources: list[Resource]) -> set[str]:
    needs = {resource.urn}
    for other in resources[::-1]:
        if other.urn in needs:
            needs |= other.references()
    return needs


def matches(urn: str, patterns: tuple[str, ...]) -> bool:
    return any(
        fnmatchcase(urn, pattern.replace("[", "[[]")) if "*" in pattern else urn == pattern
        for pattern in patterns
    )
