"""Diff: old inputs against new inputs, property by property, as pulumi-command 1.2.1 reports it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from sandbox.engine.command.schema import ResourceType
from sandbox.engine.values import UNKNOWN, PropertyMap, is_secret, signature

Change = Literal["ADD", "ADD_REPLACE", "DELETE", "DELETE_REPLACE", "UPDATE", "UPDATE_REPLACE"]
_PLAIN_KEY = re.compile(r"[^.\[\]\"]+")


def apply_ignored(news: PropertyMap, state: PropertyMap, ignore_changes: Iterable[str]) -> PropertyMap:
    """Take each ignored top-level property from the state; a path into a property has no effect."""
    return {**news, **{name: state[name] for name in ignore_changes if name in state}}


def detailed_diff(kind: ResourceType, olds: PropertyMap, news: PropertyMap) -> dict[str, Change]:
    """Map each changed property path to its kind of change; empty when nothing changed.

    A change asks for a replacement only where a whole property with replace_on_changes comes, goes or changes
    its type; for a change inside `triggers` that is up to the SDK's replace_on_changes option (measured).
    """
    news = {key: value for key, value in news.items() if key != "version" and not key.startswith("__")}
    changes: dict[str, Change] = {}
    _compare_maps("", olds, news, changes)
    for field in kind.inputs:
        if field.replace_on_changes and field.name in changes:
            changes[field.name] = f"{changes[field.name]}_REPLACE"  # type: ignore[assignment]
    return changes


def top_level(paths: Iterable[str]) -> list[str]:
    return sorted({re.split(r"[.\[]", path, maxsplit=1)[0] for path in paths})


def _compare_maps(path: str, olds: PropertyMap, news: PropertyMap, changes: dict[str, Change]) -> None:
    for key in olds.keys() | news.keys():
        old, new = olds.get(key), news.get(key)
        if new is not None and is_secret(new) and new["value"] == UNKNOWN:
            continue  # the real plugin never reports one (measured)
        here = _join(path, key)
        if old is None and new is not None:
            changes[here] = "ADD"
        elif old is not None and new is None:
            changes[here] = "DELETE"
        else:
            _compare(here, old, new, changes)


def _compare(path: str, old: Any, new: Any, changes: dict[str, Change]) -> None:
    if isinstance(old, list) and isinstance(new, list):
        _compare_lists(path, old, new, changes)
    elif _is_map(old) and _is_map(new):
        _compare_maps(path, old, new, changes)
    elif _identity(old) != _identity(new):
        changes[path] = "UPDATE"


def _compare_lists(path: str, olds: list[Any], news: list[Any], changes: dict[str, Change]) -> None:
    for index in range(max(len(olds), len(news))):
        here = f"{path}[{index}]"
        if index >= len(olds):
            changes[here] = "ADD"
        elif index >= len(news):
            changes[here] = "DELETE"
        else:
            _compare(here, olds[index], news[index], changes)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and signature(value) is None


def _identity(value: Any) -> Any:
    """Assets and archives are their kind and content hash: a renamed file is no change."""
    if isinstance(value, dict) and "hash" in value:
        return signature(value), value["hash"]
    return value


def _join(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        escaped = key.replace('"', '\\"')
        return f'{path}["{escaped}"]'
    return f"{path}.{key}" if path else key
