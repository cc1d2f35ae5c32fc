"""Accessors: members of the team who may use the machine. Only those named in the inputs are managed."""

from __future__ import annotations

from collections.abc import Sequence

from provider import machines
from provider.client import PaperspaceClient
from provider.posting import post_once
from provider.waiting import Waiter


def share(
    client: PaperspaceClient,
    machine_id: str,
    wanted: Sequence[str],
    before: Sequence[str],
    waiter: Waiter,
) -> None:
    """Adds who is wanted and not there, removes who was named before and no longer is."""
    if not wanted and not before:
        return
    present = set(machines.accessors(client, machine_id))
    for user_id in wanted:
        if user_id not in present:
            _add(client, machine_id, user_id, waiter)
    for user_id in before:
        if user_id in present and user_id not in wanted:
            machines.remove_accessor(client, machine_id, user_id)


def _add(client: PaperspaceClient, machine_id: str, user_id: str, waiter: Waiter) -> None:
    def look() -> bool | None:
        return True if user_id in machines.accessors(client, machine_id) else None

    def post() -> bool:
        machines.add_accessor(client, machine_id, user_id)
        return True

    post_once(post, look, waiter)
