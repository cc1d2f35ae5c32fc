"""`lab card`: write the SSH files of a stack and say how to use the machine."""

from __future__ import annotations

from lab import card as student_card
from lab import outputs
from lab.options import Json, Stack
from lab.ssh_files import SshFiles


def card(stack: Stack, json: Json = False) -> None:
    """Write the SSH files of a stack and say how to reach the machine and what it costs."""
    exported = outputs.read(stack)
    SshFiles(exported.ssh_alias).write(exported)
    if json:
        print(exported.model_dump_json(exclude={"private_key", "notebook_token"}, indent=1))
        return
    print(student_card.render(exported), end="")
