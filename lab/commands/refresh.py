"""`lab refresh`."""

from __future__ import annotations

from lab.class_operation import Wishes, perform
from lab.options import Json, Parallel, Stagger, Students, Traces


def refresh(
    students: Students = None,
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
    traces: Traces = None,
) -> None:
    """Read what each student's machine really is into the stack's state; change no machine."""
    perform("refresh", Wishes(students or (), parallel, stagger, json, traces))
