"""Tables for people: as wide as the terminal on one, plain and whole in a log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

WIDE = 200
WRAPPED = ("note", "what", "to do")


def show(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[str] = ()) -> None:
    """Prints to stdout; columns named in `numbers` are set to the right."""
    right = set(numbers)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(
            column, justify="right" if column in right else "left", no_wrap=column not in WRAPPED
        )
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.width = console.width if console.is_terminal else WIDE
    console.print(table)


def usd(amount: float) -> str:
    return f"${amount:,.2f}"
