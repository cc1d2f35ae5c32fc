"""A value that a preview does not know yet, without importing Pulumi."""

from __future__ import annotations

from typing import Any


class Unknown:
    """The type of UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


def contains_unknown(value: Any) -> bool:
    """Whether UNKNOWN is in the value at any depth."""
    if isinstance(value, dict):
        return any(contains_unknown(entry) for entry in value.values())
    if isinstance(value, (list, tuple)):
        return any(contains_unknown(entry) for entry in value)
    return isinstance(value, Unknown)
