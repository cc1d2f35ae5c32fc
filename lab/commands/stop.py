"""`lab stop`."""

from __future__ import annotations

from lab.class_machines import switch_class
from lab.class_operation import Wishes
from lab.options import At, Json, Parallel, Stagger, Students


def stop(
    students: Students = None,
    at: At = "",
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
) -> None:
    """Switch the students' machines off through the API; disks and addresses stay, and are billed."""
    switch_class("stop", Wishes(students or (), parallel, stagger, json), at)
