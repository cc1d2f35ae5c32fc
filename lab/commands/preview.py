"""`lab preview`."""

from __future__ import annotations

from lab.class_operation import Wishes, perform
from lab.options import Json, Parallel, Stagger, Students, Traces


def preview(
    students: Students = None,
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
    traces: Traces = None,
) -> None:
    """Show what `lab up` would change for each student; change nothing."""
    perform("preview", Wishes(students or (), parallel, stagger, json, traces))
