"""What a user of `lab` can mend: printed as `error: …` without a traceback, exit code 1."""

from __future__ import annotations

from collections.abc import Sequence


class LabError(Exception):
    """Base of the errors that name what is wrong and what to do."""


class TunnelFailed(LabError):
    """No tunnel; the text says what was tried and what to do."""


class Problems(LabError):
    """Several things to mend at once, one a line in `lines`."""

    def __init__(self, heading: str, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join([heading, *(f"  {line}" for line in self.lines)]))
