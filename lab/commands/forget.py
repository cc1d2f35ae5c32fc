"""`lab forget`: remove the SSH files of a stack from this computer."""

from __future__ import annotations

from lab.options import Stack
from lab.ssh_files import SshFiles


def forget(stack: Stack) -> None:
    """Remove the SSH files of a destroyed stack from this computer."""
    SshFiles(f"fastai-{stack}").remove()
