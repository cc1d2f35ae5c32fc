"""The machines behind the API: what the API asks of whatever runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable


class Guests(Protocol):
    """Runs the machines. Every method blocks, is thread-safe, and is idempotent."""

    def boot(
        self, machine_id: str, *, template: str, address: str, password: str, startup_script: str | None
    ) -> None:
        """Boots the machine and returns when its SSH server listens on `address`.

        template: name of the OS template that the disk is made from when there is none yet, as "fast.ai".
        startup_script: text that root runs on this boot, right after the SSH server is up; None for none.
        Raises any exception when the machine cannot boot; its event then ends in `error`.
        """

    def halt(self, machine_id: str) -> None:
        """Ends every process of the machine; the disk stays."""

    def delete(self, machine_id: str) -> None:
        """Halts the machine and removes its disk."""

    def running(self) -> set[str]:
        """Ids of the machines that run."""


MakeGuests = Callable[[Path, int, Callable[[str], None]], Guests]


@runtime_checkable
class Closable(Protocol):
    """Guests that hold something of their own, as a thread."""

    def close(self) -> None: ...


class NoGuests:
    """Machines that exist only in the API."""

    def __init__(self) -> None:
        self._running: set[str] = set()

    def boot(
        self,
        machine_id: str,
        *,
        template: str,  # noqa: ARG002
        address: str,  # noqa: ARG002
        password: str,  # noqa: ARG002
        startup_script: str | None,  # noqa: ARG002
    ) -> None:
        self._running.add(machine_id)

    def halt(self, machine_id: str) -> None:
        self._running.discard(machine_id)

    def delete(self, machine_id: str) -> None:
        self._running.discard(machine_id)

    def running(self) -> set[str]:
        return set(self._running)
