"""One running machine: its process number one and its SSH server."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sandbox.guest import packages, upstream, wire
from sandbox.guest.disk import Disk
from sandbox.guest.init.specification import Specification
from sandbox.guest.levels import PROJECT
from sandbox.guest.ssh.control import Control
from sandbox.guest.ssh.files import GuestFiles
from sandbox.guest.ssh.server import Sshd

READY_WITHIN = 20.0
STOPPED_WITHIN = 10.0
STARTUP_SCRIPT = "/var/lib/paperspace/startup-script"


class BootFailed(RuntimeError):
    """The machine's first process did not come up; the text holds what it said."""


class Machine:
    """Boot it once, halt it once; a reboot is a new Machine on the same disk.

    on_power: called in the loop with "poweroff" or "reboot" when something in the machine asks for it, and
    with "crashed" when its first process ends unasked.
    """

    def __init__(self, disk: Disk, machine_id: str, level: str, on_power: Callable[[str], None]) -> None:
        self._disk = disk
        self._id = machine_id
        self._level = level
        self._on_power = on_power
        self._ready = asyncio.Event()
        self._init: subprocess.Popen[bytes] | None = None
        self._control: Control | None = None
        self._sshd: Sshd | None = None
        self._halting = False
        self.port = 0

    async def boot(self, directory: Path, address: str, port: int, startup_script: str | None) -> None:
        """Return when the SSH server listens. Raises BootFailed, OSError (address in use)."""
        specification = await asyncio.to_thread(self._prepare, directory)
        try:
            control = await self._start_init(specification)
            self._sshd = await self._serve(control, specification, address, port)
            await control.call("boot")
            if startup_script is not None:
                self._write_startup_script(startup_script)
                await control.call("startup", path=STARTUP_SCRIPT)
        except BaseException:
            await self.halt()
            raise

    async def halt(self) -> None:
        """End every process of the machine, whatever it did to stay."""
        self._halting = True
        if self._sshd:
            await self._sshd.close()
            self._sshd.root_files.close()
            self._sshd.user_files.close()
        if self._control:
            with suppress(wire.Disconnected, wire.Failed, TimeoutError):
                await asyncio.wait_for(self._control.call("halt"), STOPPED_WITHIN)
            self._control.close()
        if self._init:
            await asyncio.to_thread(self._reap, self._init)

    def _prepare(self, directory: Path) -> Specification:
        specification = self._specification(directory)
        self._disk.prepare(specification.python, specification.libraries, confined=specification.confined)
        return specification

    def _specification(self, directory: Path) -> Specification:
        cache = packages.user_cache() / "uv"
        cache.mkdir(parents=True, exist_ok=True)
        return Specification(
            level=self._level,
            hostname=self._id,
            disk=str(self._disk.root.resolve()),
            upstream=str(upstream.repository(directory).parent.resolve()),
            cache=str(cache),
            uv=packages.uv(),
            python=packages.python(),
            python_prefixes=packages.python_prefixes(),
            libraries={"sandbox": str(PROJECT / "sandbox"), "ruamel": folder_of("ruamel.yaml")},
            package_environment=packages.host_environment(),
        )

    async def _start_init(self, specification: Specification) -> Control:
        ours, theirs = wire.pair()
        log = (self._disk.folder / "init.log").open("ab")
        command = [
            sys.executable,
            "-SE",
            "-m",
            "sandbox.guest.init",
            specification.to_json(),
            str(theirs.fileno()),
        ]
        with theirs, log:
            self._init = subprocess.Popen(
                command, cwd=PROJECT, env={}, pass_fds=[theirs.fileno()], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._control = Control(ours, self._event, self._gone)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), READY_WITHIN)
        if not self._ready.is_set() or self._halting:
            said = (self._disk.folder / "init.log").read_text(encoding="utf-8", errors="replace").strip()
            message = (
                f"machine {self._id} did not boot at level {self._level}: {said[-500:] or 'no word from it'}"
            )
            raise BootFailed(message)
        return self._control

    async def _serve(self, control: Control, specification: Specification, address: str, port: int) -> Sshd:
        views: dict[str, GuestFiles] = {}
        for user in ("root", "paperspace"):
            _, (root,) = await control.call("root", user=user)
            views[user] = GuestFiles(root, specification.root)
        sshd = Sshd(control, root_files=views["root"], user_files=views["paperspace"])
        self.port = await sshd.listen(address, port)
        return sshd

    def _write_startup_script(self, text: str) -> None:
        file = self._disk.root / STARTUP_SCRIPT.lstrip("/")
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o700)
        file.write_text(text, encoding="utf-8")

    def _event(self, message: wire.Message) -> None:
        if message["event"] == "ready":
            self._ready.set()
        elif message["event"] == "ssh-restart" and self._sshd:
            self._sshd.restart()
        elif message["event"] == "power" and not self._halting:
            self._on_power(message["action"])

    def _gone(self) -> None:
        if not self._ready.is_set():
            self._halting = True
            self._ready.set()
        elif not self._halting:
            self._on_power("crashed")

    @staticmethod
    def _reap(process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def folder_of(module: str) -> str:
    """The folder of a module's outermost package."""
    found = importlib.util.find_spec(module)
    assert found
    assert found.origin
    return str(Path(found.origin).parents[module.count(".")])
