"""Arguments that several `lab` commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Stack = Annotated[str, typer.Argument(help="The student's stack, as in Pulumi.<stack>.yaml.")]
Students = Annotated[
    list[str] | None, typer.Argument(help="Students; none for the whole class.", metavar="STUDENT")
]
Parallel = Annotated[
    int | None,
    typer.Option("--parallel", "-p", min=1, help="Runs at once; twice the processors, within the memory."),
]
Stagger = Annotated[
    float,
    typer.Option("--stagger", min=0, help="Seconds at least between two starts, for the API's rate limit."),
]
At = Annotated[
    str, typer.Option("--at", help="Wait until then first: 09:45, in the time zone of class.yaml.")
]
Json = Annotated[bool, typer.Option("--json", help="The result as JSON on stdout; progress on stderr.")]
Look = Annotated[
    bool,
    typer.Option(
        "--look/--no-look",
        help="Ask the machines' idle stops over SSH; each look counts as use and begins their time anew.",
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Do it; without this only what would be lost is shown.")
]
Traces = Annotated[
    Path | None,
    typer.Option(
        "--traces",
        help="Folder for each student's log, events and result; .lab/runs/<operation> if not given.",
    ),
]
