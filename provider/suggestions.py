"""The closest match for a misspelt value, for error texts."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def closest_first(wanted: str, choices: Sequence[str]) -> list[str]:
    """All choices, the most similar first."""
    return sorted(choices, key=lambda choice: -_similarity(wanted, choice))


def did_you_mean(wanted: str, choices: Sequence[str]) -> str:
    """The choices as a text, led by the closest where one is close."""
    ranked = closest_first(wanted, choices)
    listed = ", ".join(choices)
    if ranked and _similarity(wanted, ranked[0]) >= 0.5:
        return f"did you mean {ranked[0]!r}? There are: {listed}"
    return f"choose one of: {listed}"


def _similarity(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first.casefold(), second.casefold()).ratio()
