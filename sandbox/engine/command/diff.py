"""Diff: old inputs against new inputs, property by property, as pulumi-command 1.2.1 reports it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.engine.command.schema import ResourceType
from sandbox.engine.paths import Path, differences, get_path
from sandbox.engine.values import HIDDEN, PropertyMap, mapped, signature


def apply_ignored(news: PropertyMap, state: PropertyMap, ignore_changes: Iterable[str]) -> PropertyMap:
    """Take each ignored top-level property from the state; a path into a property has no effect."""
    return {**news, **{name: state[name] for name in ignore_changes if name in state}}


def detailed_diff(kind: ResourceType, olds: PropertyMap, news: PropertyMap) -> dict[Path, str]:
    """The kind of change (a name in PropertyDiff.Kind) of each changed property; empty when nothing changed.

    A change asks for a replacement only where a whole property with replace_on_changes comes, goes or changes
    its type; for a change inside `triggers` that is up to the SDK's replace_on_changes option (measured).
    """
    news = {key: value for key, value in news.items() if key != "version" and not key.startswith("__")}
    changes = differences(mapped(olds, _leaf), mapped(news, _leaf))
    replacing = {(field.name,) for field in kind.inputs if field.replace_on_changes}
    return {
        path: change.upper() + "_REPLACE" * (path in replacing)
        for path, change in changes.items()
        if not _is_unknown_secret(news, path)
    }


def top_level(paths: Iterable[Path]) -> list[str]:
    return sorted({str(path[0]) for path in paths})


def _leaf(value: Any) -> Any:
    """Secrets are compared whole, assets and archives by kind and content: a renamed file is no change."""
    kind = signature(value)
    return value if kind is None else (kind, value.get("hash", value))


def _is_unknown_secret(news: PropertyMap, path: Path) -> bool:
    """In a map the real plugin never reports one (measured)."""
    return isinstance(path[-1], str) and get_path(news, path, default=None) == HIDDEN
