"""`lab notebook`: open the tunnel, print the notebook's address with its token, stay until Ctrl-C."""

from __future__ import annotations

from lab import outputs
from lab.options import Stack


def notebook(stack: Stack) -> None:
    """Open the tunnel and print the notebook's address with its token; Ctrl-C closes it."""
    from lab import tunnel  # asyncssh takes a fifth of a second to load; no other command needs it

    exported = outputs.read(stack)

    def announce() -> None:
        token = exported.notebook_token.get_secret_value()
        print(f"{exported.notebook_url}?token={token}", flush=True)
        print("The tunnel is open. Ctrl-C closes it; the machine goes on running, and costing.", flush=True)

    try:
        tunnel.run(exported, announce)
    except KeyboardInterrupt:
        print(f"Tunnel closed. {exported.machine_id} still runs at ${exported.hourly_rate:.2f} an hour.")
