"""`lab start`."""

from __future__ import annotations

from lab.class_operation import switch_class
from lab.options import Json, Parallel, Stagger, Students


def start(
    students: Students = None, parallel: Parallel = None, stagger: Stagger = 0.0, json: Json = False
) -> None:
    """Switch the students' machines on through the API; nothing else of their stacks changes."""
    switch_class("start", students or (), parallel, stagger, json)
