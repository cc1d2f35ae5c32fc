"""Property diffs, as `--diff` and the outputs show them."""

from __future__ import annotations

import json
from typing import Any

from sandbox.engine.rows import changed_inputs, retained
from sandbox.engine.values import UNKNOWN, PropertyMap, is_secret

_SYMBOLS = {
    "create": "+ ",
    "update": "~ ",
    "delete": "- ",
    "replace": "+-",
    "read": "> ",
    "same": "  ",
    "refresh": "~ ",
}


class Details:
    """Collects the steps of a run and renders them."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, str], PropertyMap] = {}

    def add(self, metadata: PropertyMap) -> None:
        is_stack = metadata["type"] == "pulumi:pulumi:Stack"
        if is_stack or (metadata.get("logical") and metadata["op"] != "same"):
            self._steps[metadata["urn"], metadata["op"]] = metadata

    def text(self) -> str:
        return "\n".join(line for metadata in self._steps.values() for line in _step_lines(metadata))


def _step_lines(metadata: PropertyMap) -> list[str]:
    op = metadata["op"]
    old, new = metadata["old"] or {}, metadata["new"] or {}
    pad = "" if metadata["type"] == "pulumi:pulumi:Stack" else "    "
    lines = [f"{pad}{_SYMBOLS.get(op, '  ')}{metadata['type']}: ({op}{retained(metadata)})"]
    if identity := old.get("id"):
        lines.append(f"{pad}    [id={identity}]")
    lines.append(f"{pad}    [urn={metadata['urn']}]")
    if metadata["type"] == "pulumi:pulumi:Stack":
        return lines
    before, after = old.get("inputs", {}), new.get("inputs", {})
    if op in ("create", "delete", "read"):
        before = after = after or before
    if op in ("update", "replace"):
        names = sorted(set[str]().union(*changed_inputs(metadata).values()))
        return lines + _changed_lines(names, before, after, indent=len(pad) + 4)
    return lines + property_lines(before, after, indent=len(pad) + 4)


def _changed_lines(names: list[str], old: PropertyMap, new: PropertyMap, indent: int) -> list[str]:
    lines: list[str] = []
    for name, label in _labelled(names):
        if old.get(name) == new.get(name):  # as shown, so they differ within secrets
            lines.append(f"{' ' * (indent - 2)}~ {label}[secret] => [secret]")
        else:
            lines += _property(label, old.get(name), new.get(name), indent, keep_same=True)
    return lines


def property_lines(old: PropertyMap, new: PropertyMap, indent: int, keep_same: bool = True) -> list[str]:
    """One line a property, more for nested ones, with +, - or ~ where they differ."""
    names = sorted(key for key in {**old, **new} if not key.startswith("__"))
    lines: list[str] = []
    for name, label in _labelled(names):
        lines += _property(label, old.get(name), new.get(name), indent, keep_same)
    return lines


def _labelled(names: list[str]) -> list[tuple[str, str]]:
    """Each name with its label; the labels are of one width."""
    width = max((len(name) for name in names), default=0)
    return [(name, f"{name:<{width}}: ") for name in names]


def _property(label: str, old: Any, new: Any, indent: int, keep_same: bool) -> list[str]:
    pad, mark = " " * indent, " " * (indent - 2)
    if old == new:
        return _value_lines(f"{pad}{label}", new, indent) if keep_same else []
    if old is None:
        return _value_lines(f"{mark}+ {label}", new, indent)
    if new is None:
        return _value_lines(f"{mark}- {label}", old, indent)
    if _is_object(old) and _is_object(new):
        return [f"{mark}~ {label}{{", *property_lines(old, new, indent + 4), f"{pad}}}"]
    if isinstance(old, list) and isinstance(new, list):
        return [f"{mark}~ {label}[", *_list_lines(old, new, indent + 4), f"{pad}]"]
    return [f"{mark}~ {label}{_scalar(old)} => {_scalar(new)}"]


def _list_lines(old: list[Any], new: list[Any], indent: int) -> list[str]:
    lines: list[str] = []
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        lines += _property(
            f"[{index}]: ", before, new[index] if index < len(new) else None, indent, keep_same=True
        )
    return lines


def _value_lines(start: str, value: Any, indent: int) -> list[str]:
    pad = " " * indent
    if _is_object(value) and value:
        return [f"{start}{{", *property_lines(value, value, indent + 4), f"{pad}}}"]
    if isinstance(value, list) and value:
        return [f"{start}[", *_list_lines(value, value, indent + 4), f"{pad}]"]
    return [f"{start}{_scalar(value)}"]


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and not is_secret(value)


def _scalar(value: Any) -> str:
    if is_secret(value):
        return "[secret]"
    if value == UNKNOWN:
        return "[unknown]"
    return "<null>" if value is None else json.dumps(value, ensure_ascii=False)
