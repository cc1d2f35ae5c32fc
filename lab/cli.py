"""The `lab` command line."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from lab.commands.affected import affected
from lab.commands.archive import archive
from lab.commands.archives import archives
from lab.commands.audit import audit
from lab.commands.card import card
from lab.commands.comment import comment
from lab.commands.cost import cost
from lab.commands.destroy import destroy
from lab.commands.doctor import doctor
from lab.commands.extend import extend
from lab.commands.forget import forget
from lab.commands.handout import handout
from lab.commands.lesson import lesson
from lab.commands.manifests import manifests
from lab.commands.notebook import notebook
from lab.commands.preview import preview
from lab.commands.refresh import refresh
from lab.commands.report import report
from lab.commands.restore import restore
from lab.commands.rollback import rollback
from lab.commands.roster import roster
from lab.commands.ssh import ssh
from lab.commands.start import start
from lab.commands.status import status
from lab.commands.stop import stop
from lab.commands.students import students
from lab.commands.sweep import sweep
from lab.commands.tunnel import tunnel
from lab.commands.up import up
from lab.engine import EngineMissing
from lab.errors import LabError
from lab.outputs import StackNotUp
from provider.errors import PaperspaceError

commands = typer.Typer(no_args_is_help=True, add_completion=False, help="fast.ai machines on Paperspace.")
CLASS = "A class"
PANELS: dict[str, list[Callable[..., None]]] = {
    "One student": [card, forget, notebook, rollback, ssh, tunnel],
    CLASS: [preview, up, status, cost, start, stop, extend, refresh, destroy],
    "Looking after a class": [report, audit, handout, lesson, sweep, doctor, students, manifests],
    "Students' work": [archive, archives, restore],
    "Pull requests": [affected, comment],
}
for panel, functions in PANELS.items():
    for function in functions:
        commands.command(rich_help_panel=panel)(function)
commands.add_typer(roster, name="roster", rich_help_panel=CLASS)


def app() -> None:
    """Runs one command; what a user can mend is one line on stderr and exit code 1."""
    try:
        commands()
    except (EngineMissing, LabError, PaperspaceError, StackNotUp) as problem:
        sys.exit(f"error: {problem}")


if __name__ == "__main__":
    app()
