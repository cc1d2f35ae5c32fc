"""Counts in words."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """`1 student`, `2 students`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
