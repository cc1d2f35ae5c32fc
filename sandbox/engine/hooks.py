"""Callbacks into the program: resource hooks."""

from __future__ import annotations

from typing import Any

from sandbox.engine.steps import Step


class Callbacks:
    """The program's registered callbacks in one run."""

    def __init__(self, preview: bool) -> None:
        self._preview = preview

    def run_hooks(self, kind: str, step: Step) -> Any: ...
