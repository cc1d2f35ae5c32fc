"""Ports on loopback that nobody else gets while a test counts on them."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

BELOW_OUTGOING = range(10_000, 20_000)
"""The system gives none of these to outgoing connections or for port 0; sandboxes take from 20000 on."""


@contextmanager
def closed_port() -> Iterator[int]:
    """Refuses every connection: it is held, and nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


def free_port(candidates: Iterable[int] | None = None) -> int:
    """One for a server that cannot choose for itself; without candidates, only who names it can take it."""
    for port in candidates or random.sample(BELOW_OUTGOING, 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    message = "no free port"
    raise AssertionError(message)
