"""`lab rollback`: fastai and its packages as they were before the last update."""

from __future__ import annotations

from lab import machine_shell, outputs
from lab.errors import LabError
from lab.options import Stack

COMMAND = "fastai-rollback"
SECONDS = 300.0
"""Renames and a checkout; then fastai is imported, which reads a cold disk."""
NOT_FOUND = 127


class NotRolledBack(LabError):
    """The machine's own words."""


def rollback(stack: Stack) -> None:
    """Undo the last update of fastai on the machine; a second time, undo that."""
    exported = outputs.read(stack)
    answer = machine_shell.ask(exported, COMMAND, SECONDS)
    print(answer.printed, end="")
    if answer.code == NOT_FOUND:
        message = f"the machine has no {COMMAND} yet: run `pulumi up --stack {stack}` once"
        raise NotRolledBack(message)
    if answer.code:
        raise NotRolledBack(answer.told.strip() or f"{COMMAND} failed with status {answer.code}")
