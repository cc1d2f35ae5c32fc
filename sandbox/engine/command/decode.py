"""Inputs against their schema, with the real plugin's words for what does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.engine.command.schema import Field, Record
from sandbox.engine.values import ARCHIVE, ASSET, UNKNOWN, PropertyMap, is_secret, secret, signature

_ZERO: dict[str, Any] = {"float64": 0, "int": 0, "bool": False}
_PYTHON_TYPES: dict[str, Any] = {"bool": bool, "float64": (int, float), "int": (int, float)}
_GO_TYPES = {bool: "bool", str: "string", int: "float64", float: "float64", list: "[]interface {}"}


@dataclass(frozen=True)
class Failure:
    property: str
    reason: str


class Mismatch(Exception):
    """A value does not fit its field; the text is the reason, `key` the property when it is not the field."""

    def __init__(self, reason: str, key: str | None = None) -> None:
        super().__init__(reason)
        self.key = key


def decode(record: Record, values: PropertyMap) -> tuple[PropertyMap, list[Failure]]:
    """Convert every value to its field's type; what does not fit is left out and reported."""
    decoded: PropertyMap = {}
    failures: list[Failure] = []
    for field in record:
        try:
            value = _decode(record, field, values.get(field.name))
        except Mismatch as mismatch:
            failures.append(Failure(mismatch.key or field.name, str(mismatch)))
        else:
            decoded[field.name] = value
    unrecognized = sorted(without_nulls(values).keys() - record.names())
    failures += [Failure(key, f"Unrecognized field '{key}' on '{record.type_name}'") for key in unrecognized]
    return {key: value for key, value in decoded.items() if value is not None}, failures


def _decode(record: Record, field: Field, value: Any) -> Any:
    if value is None and field.required:
        message = f"Missing required field '{field.name}' on '{record.type_name}'"
        raise Mismatch(message)
    if value is None or value == UNKNOWN:
        return value
    if is_secret(value):
        inner = value["value"]
        return secret(_zero(field) if inner == UNKNOWN else _decode(record, field, inner))
    return _decode_known(record, field, value)


def _zero(field: Field) -> Any:
    """What the real plugin makes of a secret that is not known yet: the type's zero value (measured)."""
    if isinstance(field.type, Record):
        return {inner.name: _zero(inner) for inner in field.type if inner.required}
    return _ZERO.get(field.type, "")


def _decode_known(record: Record, field: Field, value: Any) -> Any:
    if isinstance(field.type, Record):
        return _decode_record(record, field, field.type, value)
    if field.type == "types.AssetOrArchive":
        return whole_asset(value)
    if field.type == "[]interface {}":
        return without_nulls(_expect(record, field, value, list))
    if field.type == "map[string]string":
        return _decode_strings(record, field, _expect(record, field, value, dict))
    if isinstance(value, dict):
        reason = "Cannot decode Object{} to type string; it isn't a struct, and no custom decoder exists"
        raise Mismatch(_inside(record, field, reason))
    value = _expect(record, field, value, _PYTHON_TYPES.get(field.type, str))
    return int(value) if field.type == "int" else value


def _decode_record(record: Record, field: Field, inner: Record, value: Any) -> PropertyMap:
    decoded, failures = decode(inner, _expect(record, field, value, dict))
    if failures:
        lines = "".join(f"\n\t{failure.property}: {failure.reason}" for failure in failures)
        raise Mismatch(_inside(record, field, f"{len(failures)} failures decoding:{lines}"))
    return decoded


def _decode_strings(record: Record, field: Field, values: PropertyMap) -> PropertyMap:
    for key, value in without_nulls(values).items():
        inner = value["value"] if is_secret(value) else value
        if not isinstance(inner, str):
            name = f"{field.name}[{key}] value"
            raise Mismatch(_wrong_type(name, record, "string", inner), key=name)
    return dict(without_nulls(values))


def _expect(record: Record, field: Field, value: Any, python_type: Any) -> Any:
    if isinstance(value, python_type) and (python_type is bool or not isinstance(value, bool)):
        return value
    raise Mismatch(_wrong_type(field.name, record, field.type_name, value))


def _wrong_type(name: str, record: Record, expected: str, value: Any) -> str:
    got = _GO_TYPES.get(type(value), "map[string]interface {}")
    return f"Field '{name}' on '{record.type_name}' must be a '{expected}'; got '{got}' instead"


def _inside(record: Record, field: Field, reason: str) -> str:
    return f"An error occurred decoding '{record.name}.{field.name}': {reason}"


def whole_asset(value: Any) -> Any:
    """An asset or archive with every part that it can have, as the real plugin returns it."""
    if signature(value) == ASSET:
        return {"path": "", "text": "", "uri": "", **value}
    return {"path": "", "assets": {}, "uri": "", **value} if signature(value) == ARCHIVE else {}


def without_nulls(value: Any) -> Any:
    """Nulls in maps vanish; those in lists stay (measured)."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
