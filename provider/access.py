"""Accessors: members of the team who may use the machine. Only those named in the inputs are managed."""

from __future__ import annotations

from collections.abc import Sequence

from provider import machines
from provider.client import PaperspaceClient


def share(client: PaperspaceClient, machine_id: str, wanted: Sequence[str], before: Sequence[str]) -> None:
    """Adds who is wanted and not there, removes who was named before and no longer is."""
    if not wanted and not before:
        return
    present = set(machines.accessors(client, machine_id))
    for user_id in wanted:
        if user_id not in present:
            machines.add_accessor(client, machine_id, user_id)
    for user_id in before:
        if user_id in present and user_id not in wanted:
            machines.remove_accessor(client, machine_id, user_id)
