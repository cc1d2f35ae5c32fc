"""The two sockets that make a sandbox the only one at its addresses."""

from __future__ import annotations

import contextlib
import socket

_ATTEMPTS = 50


class PortTaken(Exception):
    """The port, or the block of addresses that goes with it, belongs to somebody else."""


def address_block(port: int) -> int:
    """The X of 127.X.0.0/16, the public addresses of the sandbox on that port; never 0."""
    return 1 + port % 250


def listen(port: int, ssh_port: int) -> tuple[socket.socket, socket.socket]:
    """Sockets bound to the API's port (0: any) and to the guard of its block of addresses.

    Raises PortTaken, which names the port and what to do.
    """
    for _ in range(_ATTEMPTS if port == 0 else 1):
        api = _bind("127.0.0.1", port)
        if api is None:
            break
        taken: int = api.getsockname()[1]
        guard = _bind(f"127.{address_block(taken)}.255.254", ssh_port)
        if guard is not None:
            return api, guard
        api.close()
    raise PortTaken(_explain(port))


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
    if port == 0:
        return "No free port whose block of loopback addresses is free too: stop other sandboxes"
    block = f"127.{address_block(port)}.0.0/16"
    return (
        f"Port {port} of 127.0.0.1, or its block of addresses {block}, is taken by another program. "
        f"Stop that program (ss -ltnp shows it), or give the sandbox another port; "
        f"stacks made on port {port} then no longer find it."
    )
