"""`lab start`."""

from __future__ import annotations

from lab.class_machines import switch_class
from lab.class_operation import Wishes
from lab.options import At, Json, Parallel, Stagger, Students


def start(
    students: Students = None,
    at: At = "",
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
) -> None:
    """Switch the students' machines on through the API; nothing else of their stacks changes."""
    switch_class("start", Wishes(students or (), parallel, stagger, json), at)
