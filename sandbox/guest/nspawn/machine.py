"""One running nspawn machine: its keeper and the way to its SSH server."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sandbox.guest import packages
from sandbox.guest.held_machine import HeldMachine
from sandbox.guest.init.processes import descendants
from sandbox.guest.init.specification import LIBRARY, UPSTREAM
from sandbox.guest.levels import PROJECT
from sandbox.guest.machine import BootFailed, folder_of
from sandbox.guest.nspawn import keeper, layers
from sandbox.guest.nspawn.disk import NspawnDisk, upstream_folder
from sandbox.guest.nspawn.network import Forwarder, Network

READY_WITHIN = 90.0
SILENT = f"no SSH server after {READY_WITHIN:.0f} s"
ENDED = "its container ended"
POWER_OFF = signal.SIGRTMIN + 4  # systemd(1): as `systemctl poweroff`
ACTIONS = {0: "poweroff", keeper.REBOOT: "reboot"}


class NspawnMachine(HeldMachine):
    """Boot it once, halt it once; a reboot is a new NspawnMachine on the same disk.

    on_power: called in the loop with "poweroff" or "reboot" when the machine did so itself, and with
    "crashed" when its container ends in another way.
    """

    STOPPED_WITHIN = 30.0
    LOOK_EVERY = 0.05

    def __init__(self, disk: NspawnDisk, machine_id: str, on_power: Callable[[str], None]) -> None:
        super().__init__(disk.folder, on_power)
        self._disk = disk
        self._id = machine_id
        self._leader = 0
        self._forwarder: Forwarder | None = None

    async def boot(self, directory: Path, address: str, port: int, startup_script: str | None) -> None:
        """Return when the SSH server answers, which on a real machine is some time before it lets in.

        Raises BootFailed, OSError (address in use), layers.BuildFailed.
        """
        specification = await asyncio.to_thread(self._specification, directory)
        if startup_script is not None:
            self._disk.give_startup_script(startup_script)
        self._start(specification)
        try:
            async with asyncio.timeout(READY_WITHIN):
                network = await self._found_network()
                self._forwarder = Forwarder(network)
                await self._banner(network)
            self.port = await self._forwarder.listen(address, port)
        except TimeoutError:
            await self.halt()
            raise self._failed(SILENT) from None
        except BaseException:
            await self.halt()
            raise
        self.watch()

    async def halt(self) -> None:
        """Shut it down in good order, or by force when that takes too long; nothing of it runs on return."""
        self._halting = True
        if self._forwarder:
            await self._forwarder.close()
        if self._leader and self._runs():
            with suppress(ProcessLookupError):
                os.kill(self._leader, POWER_OFF)
            await self._ended_in_time()
        if self._process:
            assert self._process.stdin
            self._process.stdin.close()
            await self._ended()
        await self._watched()

    def _specification(self, directory: Path) -> keeper.Specification:
        libraries = {"sandbox": str(PROJECT / "sandbox"), "ruamel": folder_of("ruamel.yaml")}
        binds = [f"--bind-ro={folder}:{LIBRARY}/{name}" for name, folder in libraries.items()]
        binds += [f"--bind-ro={upstream_folder(directory)}:{UPSTREAM}"]
        binds += [f"--bind-ro={packages.uv()}:{layers.UV}", f"--bind={layers.uv_cache()}:{layers.UV_CACHE}"]
        return self._disk.specification(binds)

    def _start(self, specification: keeper.Specification) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-SE", "-m", "sandbox.guest.nspawn.keeper", specification.to_json()],
                cwd=PROJECT,
                env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def _found_network(self) -> Network:
        while not self._leader:
            self._leader = self._payload()
            await self._again()
        network = Network(self._leader)
        while True:
            with suppress(subprocess.CalledProcessError):
                await asyncio.to_thread(network.add_addresses)
                return network
            await self._again()

    def _payload(self) -> int:
        """The container's process number one, as this process counts; 0 while there is none.

        Number one of a namespace in the keeper's namespace: the third number in its NSpid is 1.
        """
        assert self._process
        for pid in descendants(self._process.pid):
            with suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text()
                numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
                if len(numbers) >= 3 and numbers[-1] == "1":
                    return pid
        return 0

    async def _banner(self, network: Network) -> None:
        while True:
            with suppress(OSError):
                end = await network.connect()
                reader, writer = await asyncio.open_connection(sock=end)
                banner = await reader.read(4)
                writer.transport.abort()
                if banner == b"SSH-":
                    return
            await self._again()

    async def _again(self) -> None:
        if not self._runs():
            raise self._failed(ENDED)
        await asyncio.sleep(self.LOOK_EVERY)

    def ending(self, code: int) -> str:
        return ACTIONS.get(code, "crashed")

    def _failed(self, what: str) -> BootFailed:
        limit = Path("/proc/sys/fs/inotify/max_user_instances").read_text().strip()
        message = (
            f"machine {self._id} did not boot at level nspawn: {what}: {self._said()} "
            f"(fs.inotify.max_user_instances is {limit}; 128 are enough for about 20 machines)"
        )
        return BootFailed(message)
