"""The table: each program goes through steps, one after the other, on a stack of its own.

`plan` previews, `up` previews and updates, `do` only updates; then comes the function that is the program,
with `@stack` for another stack than dev and `--target NAME` for a part. `drift` changes the world outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
_TABLE = {
    "basics": (
        "up base, plan base, up update, do base, up replace, drift, refresh, up replace, up remove, destroy"
    ),
    "components": "up base, up update, do base, up replace, do remove, destroy",
    "hidden": "up base, plan base, up update, up replace, refresh, do remove, destroy",
    "guarded": "up base, up update, up replace, destroy, up remove, do last, destroy",
    "ignoring": "up base, up update, up replace, drift, refresh, up replace, do remove, destroy",
    "first_gone": "up base, up update, up replace, do remove, destroy",
    "renamed": "up base, up update, plan update, up replace, destroy",
    "failing": "up base, up update, do base, up making, up replace, up broken, up raising, destroy",
    "reading": "do alone, up base, up update, refresh, do remove, destroy",
    "referring": "do other@other, up base, plan base, up update, do remove, destroy",
    "transformed": "up base, up update, do remove, destroy",
    "targeted": "up base --target first, do base, up update --target third, destroy --target second, destroy",
    "commands": (
        "up base, plan base, up update, up replace, up failing, do remove, refresh, "
        "up unknown, plan unknown, up unknown_again, destroy"
    ),
}
CASES = {name: steps.split(", ") for name, steps in _TABLE.items()}


@dataclass(frozen=True)
class Step:
    """One step of the table."""

    operation: str
    function: str = ""
    stack: str = "dev"
    target: str = ""

    @classmethod
    def parse(cls, text: str) -> Step:
        text, _, target = text.partition(" --target ")
        operation, _, rest = text.partition(" ")
        function, _, stack = rest.partition("@")
        return cls(operation, function, stack or "dev", target)

    @property
    def flags(self) -> list[str]:
        urn = f"urn:pulumi:{self.stack}::conformance::pulumi-python:dynamic:Resource::{self.target}"
        return ["--stack", self.stack, *(["--target", urn] if self.target else [])]
