"""Regions: taken in three spellings, answered in the long one (paperspace-api.md 1.2)."""

from __future__ import annotations

from sandbox.paperspace.state.errors import BadRequest

NY2, CA1, AMS1 = "East Coast (NY2)", "West Coast (CA1)", "Europe (AMS1)"
REGIONS = (NY2, CA1, AMS1)
_LONG_NAMES = {"ny2": NY2, "ca1": CA1, "ams1": AMS1} | {name.lower(): name for name in REGIONS}


def find_region(text: str) -> str | None:
    return _LONG_NAMES.get(text.strip().lower())


def long_name(text: str) -> str:
    """The long name. Raises BadRequest for a region that does not exist."""
    if (name := find_region(text)) is None:
        message = f"Invalid region: {text}"
        raise BadRequest(message)
    return name


def same_region(one: str, other: str) -> bool:
    return (find_region(one) or one) == (find_region(other) or other)
