"""The outputs of a preview: which of them a run may change, so that they are unknown until it has run."""

from __future__ import annotations

from typing import Any

from sandbox.engine.command.check import UNKNOWN_SECRET
from sandbox.engine.command.decode import whole_asset
from sandbox.engine.command.schema import ResourceType
from sandbox.engine.values import (
    ARCHIVE,
    ASSET,
    HIDDEN,
    UNKNOWN,
    PropertyMap,
    has_unknown,
    is_secret,
    reveal,
    secret,
    signature,
)


def of_create(kind: ResourceType, inputs: PropertyMap) -> PropertyMap:
    """Inputs that are echoed stay known; what only the run can tell is unknown, and so is every asset."""
    known = {key: _unknown_asset(value) for key, value in echoed(inputs).items()}
    return {**known, **dict.fromkeys(kind.outputs, UNKNOWN)}


def of_update(kind: ResourceType, olds: PropertyMap, news: PropertyMap) -> PropertyMap:
    """As for a create, but nothing becomes unknown unless an input that the state holds has changed."""
    if any(_may_change(field.name, olds, news) for field in kind.inputs):
        return of_create(kind, news)
    return {**echoed(news), **{name: reveal(olds.get(name, "")) for name in kind.outputs}}


def echoed(inputs: PropertyMap) -> PropertyMap:
    return {key: _echo(value) for key, value in inputs.items() if value is not None}


def _echo(value: Any) -> Any:
    """A map that holds an unknown secret becomes one itself; in a list, only the item does (measured)."""
    if value == HIDDEN:
        return UNKNOWN_SECRET
    if is_secret(value):
        return secret(_echo(value["value"]))
    if signature(value) in (ASSET, ARCHIVE):
        return whole_asset(value)
    if isinstance(value, list):
        return [_echo(item) for item in value]
    plain_map = isinstance(value, dict) and signature(value) is None
    return UNKNOWN_SECRET if plain_map and HIDDEN in value.values() else value


def _may_change(name: str, olds: PropertyMap, news: PropertyMap) -> bool:
    new = news.get(name)
    if new in (UNKNOWN, HIDDEN):
        return True
    return name in olds and (new != olds[name] or has_unknown(new))


def _unknown_asset(value: Any) -> Any:
    inner = value["value"] if is_secret(value) else value
    if not (isinstance(inner, dict) and signature(inner) and "hash" in inner):
        return value
    return UNKNOWN_SECRET if is_secret(value) else UNKNOWN
