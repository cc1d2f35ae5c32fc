"""The closest match for a misspelt value, for error texts."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence


def closest_first(wanted: str, choices: Sequence[str]) -> list[str]:
    """All choices, the most similar first."""
    return sorted(choices, key=lambda choice: -_similarity(wanted, choice))


def did_you_mean(wanted: str, choices: Sequence[str], spellings: Mapping[str, str] | None = None) -> str:
    """The choices as a text, led by the closest where one is close. `spellings`: other words for choices."""
    names = {**{name: name for name in choices}, **(spellings or {})}
    ranked = closest_first(wanted, list(names))
    listed = ", ".join(choices)
    if ranked and _similarity(wanted, ranked[0]) >= 0.5:
        return f"did you mean {names[ranked[0]]!r}? There are: {listed}"
    return f"choose one of: {listed}"


def _similarity(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first.casefold(), second.casefold()).ratio()
