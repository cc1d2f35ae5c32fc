"""Answers the host and the machine's own commands: start this, connect there, restart that service."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox.guest import wire
from sandbox.guest.init import environment, namespaces
from sandbox.guest.init.manager import Manager, UnknownUnit
from sandbox.guest.init.processes import open_terminal
from sandbox.guest.init.service import World
from sandbox.guest.init.specification import USER
from sandbox.guest.init.units import BadUnit

Answer = tuple[wire.Message, list[int]]
STARTUP_LOG = "/var/log/startup-script.log"
GRACE = 3.0


class Server:
    """One per machine. `user_view` as in `Processes`; `packages` leads to the one that fetches packages."""

    def __init__(self, world: World, user_view: int | None, packages: socket.socket | None) -> None:
        self._world = world
        self._user_view = user_view
        self._packages = packages
        self._peers: set[wire.Channel] = set()
        self._sessions: dict[int, dict[str, Any]] = {}
        self._stopping = False
        self.stopped = asyncio.Event()
        self.host: wire.Channel | None = None
        self.manager = Manager(world, lambda: self._tell_host({"event": "ssh-restart"}))
        self._operations: dict[str, Callable[[wire.Channel, wire.Message, list[int]], Awaitable[Answer]]] = {
            "spawn": self._spawn,
            "signal": self._signal,
            "connect": self._connect,
            "root": self._root,
            "startup": self._startup,
            "boot": self._boot,
            "sessions": self._list_sessions,
            "unit": self._unit,
            "packages": self._open_packages,
            "power": self._power,
            "halt": self._halt,
        }

    def serve_host(self, end: socket.socket) -> None:
        """Take the host's requests; when the host is gone the machine ends."""
        self.host = self._adopt(end, lambda _: self._keep(self._stop()))

    def serve_peer(self, end: socket.socket) -> None:
        """Take requests from one more connection."""
        self._adopt(end, lambda _: None)

    def serve_machine(self) -> None:
        """Take requests from the machine's own commands at wire.SOCKET."""
        path = Path(self._world.specification.root + wire.SOCKET)
        path.parent.mkdir(parents=True, exist_ok=True)
        listener = wire.listen(str(path))
        listener.setblocking(False)

        def accept() -> None:
            with suppress(BlockingIOError):
                end, _ = listener.accept()
                end.setblocking(True)
                self._adopt(end, lambda _: None)

        asyncio.get_running_loop().add_reader(listener.fileno(), accept)

    def _adopt(self, end: socket.socket, on_close: Callable[[wire.Channel], None]) -> wire.Channel:
        def closed(channel: wire.Channel) -> None:
            self._peers.discard(channel)
            on_close(channel)

        channel = wire.Channel(end, self._received, closed)
        self._peers.add(channel)
        return channel

    def _received(self, peer: wire.Channel, message: wire.Message, descriptors: list[int]) -> None:
        self._keep(self._answer(peer, message, descriptors))

    def _keep(self, work: Any) -> None:
        self._world.processes.keep(asyncio.get_running_loop().create_task(work))

    async def _answer(self, peer: wire.Channel, message: wire.Message, descriptors: list[int]) -> None:
        number = message.get("id")
        give: list[int] = []
        try:
            operation = self._operations[message["op"]]
            reply, give = await operation(peer, message, descriptors)
            peer.send({"id": number, **reply}, give)
        except OSError as error:
            peer.send({"id": number, "error": error.strerror or str(error), "errno": error.errno or 0})
        except (BadUnit, KeyError, TypeError, ValueError) as error:
            peer.send({"id": number, "error": f"{type(error).__name__}: {error}"})
        finally:
            for descriptor in [*descriptors, *give]:
                os.close(descriptor)

    def _tell_host(self, message: wire.Message) -> None:
        if self.host:
            self.host.send(message)

    async def _spawn(self, peer: wire.Channel, message: wire.Message, descriptors: list[int]) -> Answer:
        specification = self._world.specification
        user = message["user"]
        base = environment.of_login(specification, user) | message.get("env", {})
        terminal = message.get("pty")
        give: list[int] = []
        own: list[int] = []
        if terminal is None:
            standard = (descriptors[0], descriptors[1], descriptors[2])
        else:
            controlling, program = open_terminal(terminal["rows"], terminal["columns"])
            give, own, standard = [controlling], [program], (program, program, program)
            base["SSH_TTY"] = os.ttyname(program)
        folder = message.get("cwd") or environment.home_of(specification, user)
        try:
            pid, end = self._world.processes.start(
                message["argv"],
                environment=base,
                user=user,
                folder=folder,
                standard=standard,
                terminal=terminal is not None,
            )
        finally:
            for descriptor in own:
                os.close(descriptor)
        if terminal is not None:
            self._sessions[pid] = {"user": user, "tty": base["SSH_TTY"], "since": time.time(), "pid": pid,
                                   "from": base.get("SSH_CLIENT", "").partition(" ")[0]}  # fmt: skip
        self._keep(self._report(peer, pid, end))
        return {"pid": pid}, give

    async def _report(self, peer: wire.Channel, pid: int, end: asyncio.Future[int]) -> None:
        code = await end
        self._sessions.pop(pid, None)
        if peer in self._peers:
            peer.send({"event": "exit", "pid": pid, "code": code})

    async def _signal(self, _: wire.Channel, message: wire.Message, __: list[int]) -> Answer:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(message["pid"], message["number"])
        return {}, []

    async def _connect(self, _: wire.Channel, message: wire.Message, __: list[int]) -> Answer:
        """Connect to a port of the machine's own loopback; a name or address of elsewhere is refused."""
        host, port = message["host"], message["port"]
        if host not in ("localhost", "", self._world.specification.hostname):
            address = ipaddress.ip_address(host)
            if not address.is_loopback:
                raise OSError(101, os.strerror(101))
        else:
            host = "127.0.0.1"
        connection = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, (host, port))
        except OSError:
            connection.close()
            raise
        return {}, [connection.detach()]

    async def _root(self, _: wire.Channel, message: wire.Message, __: list[int]) -> Answer:
        """A descriptor of the root folder, in the root's or in the user's view."""
        if not self._world.specification.confined:
            return {}, [os.open(self._world.specification.disk, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)]
        return {}, [namespaces.root_of(self._user_view if message["user"] == USER else None)]

    async def _startup(self, _: wire.Channel, message: wire.Message, __: list[int]) -> Answer:
        """Run the startup script as root; its output goes to STARTUP_LOG. It is not waited for."""
        specification = self._world.specification
        file = Path(specification.root + message["path"])
        with file.open(encoding="utf-8", errors="replace") as text:
            has_interpreter = text.read(2) == "#!"
        log = os.open(specification.root + STARTUP_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        nothing = os.open("/dev/null", os.O_RDONLY)
        argv = [str(file)] if has_interpreter else ["/bin/bash", str(file)]
        pid, end = self._world.processes.start(
            argv,
            environment=environment.of_login(specification, "root"),
            user="root",
            folder=specification.root or "/",
            standard=(nothing, log, log),
        )
        os.close(log)
        os.close(nothing)
        self._keep(self._finish_startup(file, pid, end))
        return {"pid": pid}, []

    async def _finish_startup(self, file: Path, pid: int, end: asyncio.Future[int]) -> None:
        code = await end
        file.unlink(missing_ok=True)
        self._world.journal.write("startup-script", f"ended with exit code {code}", pid=pid)
        self._tell_host({"event": "startup-done", "code": code})

    async def _boot(self, *_: object) -> Answer:
        """Start the enabled units; does not wait for them."""
        self._keep(self.manager.boot())
        return {}, []

    async def _list_sessions(self, *_: object) -> Answer:
        return {"sessions": list(self._sessions.values())}, []

    async def _unit(self, _: wire.Channel, message: wire.Message, __: list[int]) -> Answer:
        """One verb of systemctl on one unit: {"result": …}; {"missing": true} when there is no such unit."""
        verb, name = message["verb"], message.get("name", "")
        manager = self.manager
        try:
            if verb in ("start", "stop", "restart", "reload"):
                result: Any = await getattr(manager, verb)(name)
            else:
                plain = {"daemon-reload": manager.reload_files, "names": manager.names}
                named = {"enable": manager.enable, "disable": manager.disable, "is-enabled": manager.enabled}
                named |= {"show": manager.properties}
                result = plain[verb]() if verb in plain else named[verb](name)
        except UnknownUnit:
            return {"missing": True}, []
        return {"result": result}, []

    async def _open_packages(self, *_: object) -> Answer:
        """A connection to the process that sees the package cache and the host's network."""
        ours, theirs = wire.pair()
        if self._packages is None:
            self._adopt(ours, lambda _: None)
        else:
            wire.send(self._packages, {"op": "adopt"}, [ours.fileno()])
            ours.close()
        variables = environment.of_packages(self._world.specification)
        return {"env": variables}, [theirs.detach()]

    async def _power(self, _: wire.Channel, message: wire.Message, __: list[int]) -> Answer:
        """Ask the host to power off or reboot the machine; the answer comes before that happens."""
        self._tell_host({"event": "power", "action": message["action"]})
        return {}, []

    async def _halt(self, *_: object) -> Answer:
        await self._stop()
        return {}, []

    async def _stop(self) -> None:
        """End every process: services in good order, then SIGTERM and SIGKILL to the rest."""
        if self._stopping:
            return
        self._stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self.manager.stop_all()
        self._world.processes.signal_everything(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await self._world.processes.all_gone()
        self._world.processes.signal_everything(signal.SIGKILL)
        self.stopped.set()
