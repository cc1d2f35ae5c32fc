"""What the dynamic providers share: Pulumi's unknown values in and out, and its log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pulumi
from pulumi.output import Unknown as PulumiUnknown

from provider.errors import PaperspaceError
from provider.unknown import UNKNOWN, Unknown
from provider.waiting import Waiter

P = ParamSpec("P")
T = TypeVar("T")

PROVIDER_KEY = "__provider"
"""Where Pulumi keeps the pickled provider among the properties."""


def waiter() -> Waiter:
    """Real time, and Pulumi's own log: it appears on the stack's row."""
    return Waiter(report=pulumi.log.info, progress=_ephemeral, warn=pulumi.log.warn)


def plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that are set, without Pulumi's own, with UNKNOWN for what a preview does not know."""
    return {
        key: _swapped(value, PulumiUnknown, UNKNOWN)
        for key, value in properties.items()
        if key != PROVIDER_KEY and value is not None
    }


def with_pulumis_unknowns(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The way back."""
    return {key: _swapped(value, Unknown, pulumi.output.UNKNOWN) for key, value in properties.items()}


def told_briefly(method: Callable[P, T]) -> Callable[P, T]:
    """Pulumi prints the traceback of what a provider raises; an expected failure needs its text alone."""

    @wraps(method)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except PaperspaceError as failure:
            expected = failure
        raise expected.with_traceback(None) from None

    return run


def _ephemeral(text: str) -> None:
    pulumi.log.info(text, ephemeral=True)


def _swapped(value: Any, kind: type, replacement: Any) -> Any:
    if isinstance(value, dict):
        return {key: _swapped(entry, kind, replacement) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_swapped(entry, kind, replacement) for entry in value]
    return replacement if isinstance(value, kind) else value
