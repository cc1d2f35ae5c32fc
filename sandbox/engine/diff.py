"""What a provider's or the engine's comparison of a resource found (plugin.DiffResult)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sandbox.engine.paths import contains, differences, parse, render, with_ignored
from sandbox.engine.values import PropertyMap, reveal

KINDS = ("add", "add-replace", "delete", "delete-replace", "update", "update-replace")
"""PropertyDiff.Kind, in the order of its numbers."""


class PropertyDiff(NamedTuple):
    """One changed property: a name out of KINDS, and whether inputs were compared (or the real state)."""

    kind: str
    of_inputs: bool = True


@dataclass(frozen=True)
class Diff:
    """A provider's answer: None in `changes` leaves the comparison of inputs to the engine."""

    changes: bool | None
    replace_keys: list[str] = field(default_factory=list)
    changed_keys: list[str] = field(default_factory=list)
    detailed: dict[str, PropertyDiff] | None = None
    delete_before_replace: bool = False

    @property
    def replaces(self) -> bool:
        return bool(self.replace_keys) or any(
            each.kind.endswith("-replace") for each in (self.detailed or {}).values()
        )


def detailed_diff(answer: Any) -> dict[str, PropertyDiff]:
    return {
        path: PropertyDiff(KINDS[each.kind], each.inputDiff) for path, each in answer.detailedDiff.items()
    }


def compare_inputs(found: Diff, old: PropertyMap, new: PropertyMap, ignored: list[str]) -> Diff:
    """Fill in a Diff from the inputs alone, as the engine does when a provider leaves it to it."""
    changes = differences(reveal(old), reveal(with_ignored(new, old, ignored)[0]))
    if not changes:
        return replace(found, changes=False)
    keys = list(dict.fromkeys(str(path[0]) for path in changes))
    return replace(
        found,
        changes=True,
        changed_keys=keys,
        detailed={render(path): PropertyDiff(k) for path, k in changes.items()},
    )


def replacing(diff: Diff, selectors: list[str]) -> Diff:
    """Turn changes under replace_on_changes into replacements (Go: applyReplaceOnChanges)."""
    if diff.changes is not True:
        return diff
    paths = [parse(text) for text in selectors]

    def covers(text: str) -> bool:
        return any(contains(path, parse(text)) for path in paths)

    detailed = None
    if diff.detailed is not None:
        detailed = {
            path: each._replace(kind=f"{each.kind.removesuffix('-replace')}-replace")
            if covers(path)
            else each
            for path, each in diff.detailed.items()
        }
    keys = [*diff.replace_keys, *(k for k in diff.changed_keys if k not in diff.replace_keys and covers(k))]
    return replace(diff, replace_keys=keys, detailed=detailed)
