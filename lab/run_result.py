"""How one student's run ended, and where its traces lie."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from lab.atomic import write_text

Outcome = Literal["succeeded", "failed", "interrupted", "absent"]


@dataclass(frozen=True)
class Result:
    """How one student's run ended. `changes` counts resources by operation; `seconds` is wall time.

    `note`: what is to be told of one that succeeded, where counts do not tell it. `is_archived`: a disk that
    is lost is archived first.
    """

    student: str
    operation: str
    outcome: Outcome
    error: str = ""
    seconds: float = 0.0
    changes: dict[str, int] = field(default_factory=dict)
    loses_disk: bool = False
    new_stack: bool = False
    without_state: bool = False
    note: str = ""
    is_archived: bool = False

    @property
    def is_bad(self) -> bool:
        return self.outcome in ("failed", "interrupted")


@dataclass(frozen=True)
class Files:
    """Where one run's traces lie."""

    folder: Path
    student: str

    @property
    def log(self) -> Path:
        return self.folder / f"{self.student}.log"

    @property
    def events(self) -> Path:
        return self.folder / f"{self.student}.jsonl"

    @property
    def result(self) -> Path:
        return self.folder / f"{self.student}.json"

    def renew(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (self.log, self.events, self.result):
            path.unlink(missing_ok=True)

    def save(self, result: Result) -> None:
        write_text(self.result, json.dumps(asdict(result), indent=1) + "\n")
