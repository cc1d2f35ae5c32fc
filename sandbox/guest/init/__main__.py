"""Starts a machine: `python -m sandbox.guest.init SPECIFICATION CONTROL`, or `… --trial FOLDER`."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

from sandbox.guest import wire
from sandbox.guest.init import kernel, namespaces
from sandbox.guest.init.journal import FILE, Journal
from sandbox.guest.init.processes import Processes
from sandbox.guest.init.server import Server
from sandbox.guest.init.service import World
from sandbox.guest.init.specification import Specification


def main(specification: Specification, control: int) -> None:
    """Be process number one until the machine stops."""
    host = socket.socket(fileno=os.dup(control))
    os.close(control)
    packages, view = None, None
    if specification.confined:
        keep = os.dup2(host.fileno(), 200, inheritable=False)
        host.close()
        namespaces.enter(specification)
        host = socket.socket(fileno=keep)
        packages = _package_helper(specification, host)
        namespaces.isolate_network(specification)
        view = namespaces.user_view()
    else:
        kernel.prctl(kernel.SET_CHILD_SUBREAPER, 1)
    kernel.prctl(kernel.SET_NAME, ctypes.c_char_p(b"systemd"))  # type: ignore[arg-type]
    asyncio.run(_serve(specification, host, view, packages))


def _package_helper(specification: Specification, host: socket.socket) -> socket.socket:
    """Fork the process that keeps the host's network, for conda alone, and wait until it has its own view.

    Until then it shares the mounts with this process, which is about to change its root.
    Raises wire.Disconnected.
    """
    ours, theirs = wire.pair()
    if os.fork():
        theirs.close()
        wire.receive(ours)
        return ours
    ours.close()
    host.close()
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    namespaces.package_view(specification)
    wire.send(theirs, {"event": "ready"})
    asyncio.run(_serve_packages(specification, theirs))
    os._exit(0)


async def _serve(
    specification: Specification, host: socket.socket, view: int | None, packages: socket.socket | None
) -> None:
    processes = Processes(confined=specification.confined, user_view=view)
    processes.watch()
    world = World(specification, processes, Journal(Path(specification.root + FILE)))
    server = Server(world, view, packages)
    server.serve_machine()
    server.serve_host(host)
    if server.host:
        server.host.send({"event": "ready"})
    await server.stopped.wait()
    processes.signal_everything(signal.SIGKILL)
    await processes.all_gone()
    os._exit(0)


async def _serve_packages(specification: Specification, parent: socket.socket) -> None:
    processes = Processes(confined=True, user_view=None)
    processes.watch()
    world = World(specification, processes, Journal(Path(FILE)))
    server = Server(world, None, None)
    ended = asyncio.Event()

    def adopt(_: wire.Channel, __: wire.Message, descriptors: list[int]) -> None:
        server.serve_peer(socket.socket(fileno=descriptors[0]))

    wire.Channel(parent, adopt, lambda _: ended.set())
    await ended.wait()


def _trial(folder: str) -> int:
    """Exit code 0 when a confined machine can be made from the disk in `folder`."""
    specification = Specification.from_json(Path(folder, "specification.json").read_text(encoding="utf-8"))

    def attempt() -> None:
        namespaces.enter(specification)
        namespaces.isolate_network(specification)
        os.close(namespaces.user_view())

    return 0 if namespaces.works(attempt) else 1


if __name__ == "__main__":
    if sys.argv[1] == "--trial":
        sys.exit(_trial(sys.argv[2]))
    main(Specification.from_json(sys.argv[1]), int(sys.argv[2]))
