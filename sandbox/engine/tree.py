"""Resources as a tree, with the lines that lead to each, and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.engine.state import STACK_TYPE


def branches(parents: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """(URN, what stands before it, what stands before lines below it), depth first.

    `parents` maps each URN to its parent's; what has no known parent hangs on the stack, after its children.
    """
    root = next((urn for urn in parents if urn.split("::")[2] == STACK_TYPE), "")
    children: dict[str, list[str]] = {}
    for urn in sorted(parents, key=lambda each: parents[each] not in parents):
        parent = parents[urn] if parents[urn] in parents else "" if urn == root else root
        children.setdefault(parent, []).append(urn)
    yield from _below("", "", children)


def _below(parent: str, lead: str, children: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    found = children.get(parent, [])
    for number, urn in enumerate(found, 1):
        last = number == len(found)
        branch, deeper = ("", "") if not parent else ("└─ ", "   ") if last else ("├─ ", "│  ")
        below = lead + deeper
        yield urn, lead + branch, below + ("│  " if urn in children else "   ")
        yield from _below(urn, below, children)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row, with every column as wide as its longest text."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
