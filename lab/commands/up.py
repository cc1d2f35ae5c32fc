"""`lab up`."""

from __future__ import annotations

from lab.class_operation import Wishes, perform
from lab.options import Json, Parallel, Stagger, Students, Traces


def up(
    students: Students = None,
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
    traces: Traces = None,
) -> None:
    """Bring each student's machine to what the file says; run again to go on after a failure."""
    perform("up", Wishes(students or (), parallel, stagger, json, traces))
