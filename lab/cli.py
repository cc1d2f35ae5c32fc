"""The `lab` command line."""

from __future__ import annotations

import sys

import typer

from lab.commands.card import card
from lab.commands.forget import forget
from lab.commands.notebook import notebook
from lab.commands.ssh import ssh
from lab.engine import EngineMissing
from lab.outputs import StackNotUp
from lab.tunnel import TunnelFailed

commands = typer.Typer(no_args_is_help=True, add_completion=False, help="fast.ai machines on Paperspace.")
for command in (card, forget, notebook, ssh):
    commands.command()(command)


def app() -> None:
    """Runs one command; what a user can mend is one line on stderr and exit code 1."""
    try:
        commands()
    except (EngineMissing, StackNotUp, TunnelFailed) as problem:
        sys.exit(f"error: {problem}")


if __name__ == "__main__":
    app()
