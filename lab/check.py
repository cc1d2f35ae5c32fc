"""One thing that `lab doctor` looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Check:
    """One answer; `told` says what was found and what to do."""

    verdict: Verdict
    about: str
    told: str
