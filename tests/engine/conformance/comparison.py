"""Field by field: where two outcomes differ, by a path that one can search for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

ABSENT = "<absent>"


def differences(expected: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[str]:
    """One line a difference; empty when the outcomes are the same."""
    lines = []
    for number, (one, other) in enumerate(zip(expected, found, strict=True), start=1):
        for path, left, right in _walk(_by_urn(one), _by_urn(other), ""):
            lines.append(f"step {number} ({one['step']}) {path}: {_short(left)} -> {_short(right)}")
    return lines


def _by_urn(value: Any) -> Any:
    """Turn lists of resources or planned steps into maps, so that paths name the resource."""
    if isinstance(value, dict):
        return {key: _by_urn(item) for key, item in value.items()}
    if not (
        isinstance(value, list) and value and all(isinstance(item, dict) and "urn" in item for item in value)
    ):
        return value
    named: dict[str, Any] = {}
    for item in value:
        name = " ".join(
            [item["urn"].split("::", 2)[2], item.get("op", ""), "deleted" * item.get("delete", False)]
        )
        named.setdefault(name.strip(), []).append(item)
    return named


def _walk(one: Any, other: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _walk(one.get(key, ABSENT), other.get(key, ABSENT), f"{path}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _walk(left, right, f"{path}[{index}]")
    elif one != other:
        yield path, one, other


def _short(value: Any) -> str:
    text = value if value is ABSENT else json.dumps(value)
    return text if len(text) <= 300 else text[:300] + "..."
