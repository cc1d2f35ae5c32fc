"""Arguments that several `lab` commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Stack = Annotated[str, typer.Argument(help="The student's stack, as in Pulumi.<stack>.yaml.")]
