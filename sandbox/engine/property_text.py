"""Property values, and what changed in them, as text (Go: pkg/backend/display/object_diff.go)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sandbox.engine.delta import Delta, compare
from sandbox.engine.values import ARCHIVE, ASSET, UNKNOWN, PropertyMap, is_secret, signature

ADDED, DELETED, CHANGED, NO_MARK = "+ ", "- ", "~ ", "  "
_CONTEXT = 2
"""Unchanged lines shown beside a changed one in a text of many lines."""


def indentation(level: int, mark: str = NO_MARK) -> str:
    return ("    " * level)[:-2] + mark if level else ""


@dataclass(frozen=True)
class PropertyText:
    """`only_changes` leaves out what did not change; `in_full` does not cut long texts off."""

    reveal_secrets: bool = False
    only_changes: bool = False
    in_full: bool = False

    def properties(
        self, values: PropertyMap, level: int, mark: str = NO_MARK, only: Collection[str] | None = None
    ) -> str:
        """One line a property, more for nested ones; the labels are as wide as the longest name, hidden or
        not."""
        width = max(map(len, values), default=0)
        return "".join(
            f"{indentation(level, mark)}{name:<{width}}: {self.value(values[name], level, mark)}\n"
            for name in sorted(values)
            if not name.startswith("__") and (only is None or name in only)
        )

    def value(self, value: Any, level: int, mark: str = NO_MARK) -> str:
        if is_secret(value) and self.reveal_secrets:
            return self.value(value["value"], level, mark)
        if signature(value) in (ASSET, ARCHIVE):
            return _asset(value, level)
        if isinstance(value, dict) and not is_secret(value):
            return f"{{\n{self.properties(value, level + 1, mark)}{indentation(level)}}}" if value else "{}"
        if isinstance(value, list):
            lead = indentation(level, mark)
            items = "".join(
                f"{lead}    [{index}]: {self.value(item, level + 1, mark)}\n"
                for index, item in enumerate(value)
            )
            return f"[\n{items}{indentation(level)}]" if value else "[]"
        if (decoded := _json(value)) is not None:
            return f"(json) {self.value(decoded, level, mark)}\n"
        return _scalar(value if self.in_full else _cut_off(value))

    def changes(self, delta: Delta, level: int, only: Collection[str] | None = None) -> str:
        """The properties below `delta` that changed, and between them those that did not."""
        children = delta.children or {}
        width = max(map(len, children), default=0)
        return "".join(
            self.change(f"{name:<{width}}: ", children[name], level)
            for name in sorted(children if only is None else only)
            if children[name].mark != NO_MARK or not (self.only_changes or is_empty(children[name].new))
        )

    def change(self, title: str, delta: Delta, level: int, title_level: int | None = None) -> str:
        at = level if title_level is None else title_level
        if delta.mark != CHANGED:
            value = delta.old if delta.mark == DELETED else delta.new
            return f"{indentation(at, delta.mark)}{title}{self.value(value, level, delta.mark)}\n"
        if self.reveal_secrets and (is_secret(delta.old) or is_secret(delta.new)):
            bare = compare(*(side["value"] if is_secret(side) else side for side in (delta.old, delta.new)))
            if bare.mark != NO_MARK:
                return self.change(title, bare, level, title_level)
        if delta.children is None and not (_is_primitive(delta.old) and _is_primitive(delta.new)):
            sides = (Delta(delta.old, None), Delta(None, delta.new))
            return "".join(
                self.change(title, side, level, title_level)
                for side, value in zip(sides, (delta.old, delta.new), strict=True)
                if not is_empty(value)
            )
        return f"{indentation(at, CHANGED)}{title}{self._changed(delta, level)}\n"

    def _changed(self, delta: Delta, level: int) -> str:
        if isinstance(delta.new, list) and delta.children is not None:
            items = "".join(
                self.change(f"[{index}]: ", item, level + 2, level + 1)
                for index, item in sorted(delta.children.items())
                if item.mark != NO_MARK or not self.only_changes
            )
            return f"[\n{items}{indentation(level)}]"
        if delta.children is not None:
            return f"{{\n{self.changes(delta, level + 1)}{indentation(level)}}}"
        decoded = compare(_json(delta.old), _json(delta.new))
        if decoded.children and decoded.mark == CHANGED:
            return f"(json) {self._changed(decoded, level)}"
        if all(isinstance(side, str) for side in (delta.old, delta.new)) and "\n" in delta.old + delta.new:
            return "\n" + _changed_lines(delta.old, delta.new, level + 1).rstrip("\n")
        return f"{_scalar(delta.old)} => {_scalar(delta.new)}"


def _changed_lines(old: str, new: str, level: int) -> str:
    import difflib

    before, after = old.split("\n"), new.split("\n")
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    text = ""
    for number, (kind, start, end, new_start, new_end) in enumerate(blocks):
        if kind == "equal":
            kept = [line for line in before[start:end] if line.strip()]
            text += _lines(_near_changes(kept, number == 0, number == len(blocks) - 1), level, NO_MARK)
        else:
            text += _lines(before[start:end], level, DELETED) + _lines(after[new_start:new_end], level, ADDED)
    return text


def _near_changes(lines: list[str], first: bool, last: bool) -> list[str]:
    head, tail = ([] if first else lines[:_CONTEXT]), ([] if last else lines[-_CONTEXT:])
    short = len(lines) <= len(head) + len(tail) + 1
    return lines if short else [*head, "...", *tail]


def _lines(lines: list[str], level: int, mark: str) -> str:
    return "".join(f"{indentation(level, mark)}{line}\n" for line in lines if line.strip())


def _json(value: Any) -> Any:
    """The list or object that a text is the JSON of, else None."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _asset(value: PropertyMap, level: int) -> str:
    kind, short_hash = "asset" if signature(value) == ASSET else "archive", value.get("hash", "")[:7]
    for name, label in (("path", "file"), ("uri", "uri")):
        if value.get(name):
            return f"{kind}({label}:{short_hash}) {{ {value[name]} }}"
    lead = indentation(level)
    if kind == "asset":
        lines = "".join(f"{lead}    {line}\n" for line in value.get("text", "").split("\n"))
        return f"asset(text:{short_hash}) {{\n{lines}{lead}}}"
    members = [
        f'{lead}    "{name}": {_asset(each, level + 1)}\n' for name, each in sorted(value["assets"].items())
    ]
    return f"archive(assets:{short_hash}) {{\n{''.join(members)}{lead}}}"


def _cut_off(value: Any) -> Any:
    """A text's first three lines, of 150 characters each."""
    if not isinstance(value, str) or value == UNKNOWN:
        return value
    lines = [f"{line[:150]}..." if len(line) > 150 else line for line in value.split("\n")]
    return "\n".join([*lines[:3], "..."] if len(lines) > 3 else lines)


def _is_primitive(value: Any) -> bool:
    return not is_empty(value) and (is_secret(value) or not isinstance(value, dict | list))


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _scalar(value: Any) -> str:
    if is_secret(value):
        return "[secret]"
    if value == UNKNOWN:
        return "[unknown]"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return "<null>" if value is None else json.dumps(value, ensure_ascii=False)
