"""What changed between two values, as a tree (Go: resource.ObjectDiff, engine.TranslateDetailedDiff)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.engine.paths import differences, parse
from sandbox.engine.values import UNKNOWN, PropertyMap, is_secret, signature


@dataclass
class Delta:
    """None is absence. `children`, by name or index, where both sides are objects or both lists; `told`: a
    provider says that it changed, whatever the values look like."""

    old: Any
    new: Any
    children: dict[Any, Delta] | None = None
    told: bool = False

    @property
    def mark(self) -> str:
        if not self.told and not self.children and not differences(self.old, self.new):
            return "  "
        if self.old is None or self.new is None:
            return "+ " if self.old is None else "- "
        changed = self.told or self.children is None or any(c.mark != "  " for c in self.children.values())
        return "~ " if changed else "  "


def compare(old: Any, new: Any) -> Delta:
    """The whole tree, of changed and unchanged properties; internal ones (`__…`) are left out."""
    if _is_object(old) and _is_object(new):
        names = [name for name in {**old, **new} if not name.startswith("__")]
        return Delta(old, new, {name: compare(old.get(name), new.get(name)) for name in names})
    if isinstance(old, list) and isinstance(new, list):
        size = range(max(len(old), len(new)))
        return Delta(old, new, {index: compare(_child(old, index), _child(new, index)) for index in size})
    return Delta(old, new)


def from_detailed(metadata: PropertyMap, refresh: bool) -> Delta:
    """The tree of the paths that the step's detailed diff names."""
    old, new = metadata["old"].resource, metadata["new"].resource
    root = Delta({}, {}, {})
    for text, each in metadata["detailedDiff"].items():
        before = old.inputs if each["inputDiff"] else old.outputs
        after = new.outputs if refresh and not each["inputDiff"] else new.inputs
        _insert(root, parse(text), each["diffKind"], before, after)
    return root


def _insert(parent: Delta, path: tuple[str | int, ...], kind: str, old: Any, new: Any) -> None:
    key, rest = path[0], path[1:]
    before, after = _child(old, key), _child(new, key)
    parent.children = {} if parent.children is None else parent.children
    if kind.startswith("add") and not rest:
        parent.children[key] = Delta(None, UNKNOWN if after is None else after)
    elif kind.startswith("delete") and not rest:
        parent.children[key] = Delta(UNKNOWN if before is None else before, None)
    elif not rest:
        parent.children[key] = compare(before, after)
        parent.children[key].told = True
    elif (before is None) != (after is None):
        parent.children[key] = Delta(before, after)
    else:
        default = Delta([], []) if isinstance(rest[0], int) else Delta({}, {})
        _insert(parent.children.setdefault(key, default), rest, kind, before, after)


def _child(value: Any, key: str | int) -> Any:
    """A secret's and an unknown value's inside is not to be seen: they stand for each of their children."""
    if isinstance(value, list) and isinstance(key, int):
        return value[key] if key < len(value) else None
    if is_secret(value) or value == UNKNOWN:
        return value
    return value.get(key) if isinstance(value, dict) else None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and not signature(value)
