"""`lab tunnel`: hold the tunnel open until Ctrl-C, and print no token."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import outputs
from lab.options import Stack

LocalPort = Annotated[
    int | None,
    typer.Option("--local-port", min=1, max=65535, help="The tunnel's end here; as configured if not given."),
]


def tunnel(stack: Stack, local_port: LocalPort = None) -> None:
    """Open the tunnel to the notebook on the machine and hold it; Ctrl-C closes it."""
    from lab import tunnel as ssh_tunnel  # asyncssh takes a fifth of a second to load

    exported = outputs.read(stack)
    exported = exported.model_copy(update={"local_port": local_port or exported.local_port})

    def announce() -> None:
        ends = f"localhost:{exported.local_port} is {exported.ssh_alias}'s localhost:{exported.notebook_port}"
        print(f"{ends}. Ctrl-C closes the tunnel; the machine goes on running, and costing.", flush=True)

    try:
        ssh_tunnel.run(exported, announce)
    except KeyboardInterrupt:
        print(f"Tunnel closed. {exported.machine_id} still runs at ${exported.hourly_rate:.2f} an hour.")
