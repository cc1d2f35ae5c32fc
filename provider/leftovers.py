"""What an interrupted create left at Paperspace under the stack's own name, and state knows nothing of."""

from __future__ import annotations

from provider import machines, startup_scripts
from provider.client import PaperspaceClient
from provider.errors import StillThere


def clear(client: PaperspaceClient, wire_name: str) -> None:
    """Deletes the startup scripts of exactly this name.

    Raises StillThere, and deletes nothing, while a machine has this name: its disk may hold a student's work.
    """
    if found := machines.named(client, wire_name):
        raise StillThere([machine.id for machine in found])
    for script in startup_scripts.named(client, wire_name):
        startup_scripts.delete(client, script.id)
