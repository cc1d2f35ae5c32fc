"""Check: the inputs to store, with the real plugin's defaults and secrets, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.engine.command.decode import Failure, decode, without_nulls
from sandbox.engine.command.schema import COPY_TO_REMOTE, Record, ResourceType
from sandbox.engine.values import (
    ARCHIVE,
    ASSET,
    OUTPUT,
    SIGNATURE,
    UNKNOWN,
    PropertyMap,
    is_secret,
    secret,
    signature,
)

UNKNOWN_SECRET = {SIGNATURE: OUTPUT, "secret": True}


def check(kind: ResourceType, inputs: PropertyMap) -> tuple[PropertyMap, list[Failure]]:
    """Return the inputs to store and what is wrong with them (nothing: an empty list)."""
    values, failures = decode(kind.inputs, inputs)
    if kind is COPY_TO_REMOTE:
        return _check_copy(values, failures)
    if failures:
        return _with_secrets(kind.inputs, without_nulls(inputs)), failures
    return _with_secrets(kind.inputs, _with_defaults(kind.inputs, values)), []


def _check_copy(values: PropertyMap, failures: list[Failure]) -> tuple[PropertyMap, list[Failure]]:
    record = COPY_TO_REMOTE.inputs
    values = {"source": {}, "remotePath": "", **values}
    if not failures:
        values = _with_defaults(record, values)
    source = values["source"]["value"] if is_secret(values["source"]) else values["source"]
    return _with_secrets(record, values), failures + _source_failures(source)


def _source_failures(source: Any) -> list[Failure]:
    """The real plugin refuses an unknown source too (measured), so a preview fails on one."""
    if signature(source) == ASSET and not (source["path"] or source["text"]):
        return [Failure("asset", "asset must be a path-based file asset or a text asset")]
    if signature(source) == ARCHIVE and not source["path"]:
        return [Failure("archive", "archive must be a path to a file or directory")]
    if signature(source) not in (ASSET, ARCHIVE):
        return [Failure("asset", "either asset or archive must be set")]
    return []


def _with_defaults(record: Record, values: PropertyMap) -> PropertyMap:
    defaults = {field.name: field.default for field in record if field.default is not None}
    return _nested(record, {**defaults, **values}, _with_defaults)


def _with_secrets(record: Record, values: PropertyMap) -> PropertyMap:
    marked = _nested(record, values, _with_secrets)
    secrets = [field.name for field in record if field.secret and field.name in marked]
    return {**marked, **{name: _hide(marked[name]) for name in secrets}}


def _hide(value: Any) -> Any:
    return UNKNOWN_SECRET if value == UNKNOWN else secret(value)


def _nested(
    record: Record, values: PropertyMap, change: Callable[[Record, PropertyMap], PropertyMap]
) -> PropertyMap:
    """Apply `change` to the records inside `values`, secret or not."""
    changed = dict(values)
    for field in record:
        value = values.get(field.name)
        hidden = value is not None and is_secret(value)
        inner = value["value"] if value is not None and hidden else value
        if isinstance(field.type, Record) and isinstance(inner, dict):
            inner = change(field.type, inner)
            changed[field.name] = secret(inner) if hidden else inner
    return changed
