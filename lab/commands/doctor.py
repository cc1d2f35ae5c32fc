"""`lab doctor`: whether this computer and this project are fit to run a class."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape

from lab import doctor as examination
from lab.options import Json
from lab.project import find_project

SIGNS = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "error": "[red]✗[/red]"}


def doctor(json: Json = False) -> None:
    """Check engine, backend, secrets, files, budget and account; say what to do about each problem."""
    checks = []
    console = Console()
    for check in examination.examine(find_project()):
        checks.append(check)
        if not json:
            console.print(f"{SIGNS[check.verdict]} {check.about:<11} {escape(check.told)}", highlight=False)
    if json:
        print(json_format.dumps([asdict(check) for check in checks], indent=1))
    if any(check.verdict == "error" for check in checks):
        raise typer.Exit(1)
