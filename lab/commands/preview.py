"""`lab preview`."""

from __future__ import annotations

from typing import Annotated

import typer

from lab.class_operation import Wishes, perform
from lab.options import Json, Parallel, Stagger, Students, Traces

WithoutState = Annotated[
    bool,
    typer.Option(
        "--without-state", help="Preview the configuration alone, in a throw-away backend: needs no secret."
    ),
]


def preview(
    students: Students = None,
    without_state: WithoutState = False,
    parallel: Parallel = None,
    stagger: Stagger = 0.0,
    json: Json = False,
    traces: Traces = None,
) -> None:
    """Show what `lab up` would change for each student; change nothing."""
    perform("preview", Wishes(students or (), parallel, stagger, json, traces, without_state))
