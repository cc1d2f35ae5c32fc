"""The two sockets that make a sandbox the only one at its addresses."""

from __future__ import annotations

import contextlib
import secrets
import socket
import time

# Below the ports that the system gives to outgoing connections, so that none of these holds a port
# when its sandbox starts again.
_FREE_PORTS = range(20000, 32000)
_ATTEMPTS = 200
_GUARD_PATIENCE = 10.0
_LOOK_EVERY = 0.1


class PortTaken(Exception):
    """The port, or the block of addresses that goes with it, belongs to somebody else."""


def address_block(port: int) -> int:
    """The X of 127.X.0.0/16, the public addresses of the sandbox on that port; never 0."""
    return 1 + port % 250


def listen(port: int, ssh_port: int) -> tuple[socket.socket, socket.socket]:
    """Sockets bound to the API's port (0: any) and to the guard of its block of addresses.

    Raises PortTaken, which names the port and what to do.
    """
    if port:
        return _listen_on(port, ssh_port, _GUARD_PATIENCE)
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(PortTaken):
            return _listen_on(secrets.choice(_FREE_PORTS), ssh_port, 0)
    message = "No free port whose block of loopback addresses is free too: stop other sandboxes"
    raise PortTaken(message)


def _listen_on(port: int, ssh_port: int, patience: float) -> tuple[socket.socket, socket.socket]:
    """Waits for the block, which a passing sandbox of some test may hold, but not for the port."""
    if (api := _bind("127.0.0.1", port)) is None:
        raise PortTaken(_explain(port))
    deadline = time.monotonic() + patience
    while (guard := _bind(f"127.{address_block(port)}.255.254", ssh_port)) is None:
        if time.monotonic() >= deadline:
            api.close()
            raise PortTaken(_explain(port))
        time.sleep(_LOOK_EVERY)
    return api, guard


def _bind(host: str, port: int) -> socket.socket | None:
    # With the protocol named, asyncio turns Nagle's algorithm off; without, each answer takes 40 ms.
    candidate = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with contextlib.suppress(OSError):
        candidate.bind((host, port))
        candidate.listen(128)
        return candidate
    candidate.close()
    return None


def _explain(port: int) -> str:
    block = f"127.{address_block(port)}.0.0/16"
    return (
        f"Port {port} of 127.0.0.1, or its block of addresses {block}, is taken by another program. "
        f"Stop that program (ss -ltnp shows it), or give the sandbox another port; "
        f"stacks made on port {port} then no longer find it."
    )
