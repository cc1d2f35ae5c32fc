"""The machines behind the API, as `sandbox.paperspace.guests.Guests` describes them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from sandbox.guest import levels
from sandbox.guest.disk import Disk
from sandbox.guest.machine import Machine
from sandbox.guest.nspawn.disk import NspawnDisk
from sandbox.guest.nspawn.machine import NspawnMachine
from sandbox.guest.vm.disk import VmDisk
from sandbox.guest.vm.machine import VmMachine

T = TypeVar("T")
AnyDisk = Disk | NspawnDisk | VmDisk
AnyMachine = Machine | NspawnMachine | VmMachine


class SshGuests:
    """Machines with real SSH servers on loopback addresses; all of them share one loop in one thread.

    directory: holds machines/<id>/ (the disks) and upstream/ (fastai's repository).
    ssh_port: where every machine's server listens, each on its own address; 0 lets the system choose.
    on_poweroff: called with the machine's id, in a thread of its own, after a machine has powered itself off.
    """

    def __init__(self, directory: Path, ssh_port: int, on_poweroff: Callable[[str], None]) -> None:
        self._directory = directory.resolve()
        self._port = ssh_port
        self._on_poweroff = on_poweroff
        self._machines: dict[str, AnyMachine] = {}
        self._addresses: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._level: str | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="guests", daemon=True)
        self._thread.start()

    def boot(
        self, machine_id: str, *, template: str, address: str, password: str, startup_script: str | None
    ) -> None:
        """Make the disk when it is missing, and boot. The password counts only for a new disk.

        Raises packages.PackagesUnavailable, machine.BootFailed, levels.UnknownLevel, OSError (address
        in use).
        """
        self._run(self._boot(machine_id, template, address, password, startup_script))

    def halt(self, machine_id: str) -> None:
        """End every process of the machine; the disk stays."""
        self._run(self._halt(machine_id))

    def delete(self, machine_id: str) -> None:
        """Halt, and remove the disk."""
        self._run(self._delete(machine_id))

    def running(self) -> set[str]:
        """The ids of the machines that run."""
        return set(self._machines)

    def close(self) -> None:
        """Halt every machine and end the thread; the disks stay."""
        if not self._thread.is_alive():
            return
        self._run(self._halt_all())
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def level(self) -> str:
        """L1, L0, nspawn or vm, chosen once. Raises levels.UnknownLevel."""
        if self._level is None:
            self._level = levels.choose(self._directory)
        return self._level

    def port_of(self, machine_id: str) -> int:
        """Where the machine's SSH server listens. Raises KeyError when it does not run."""
        return self._machines[machine_id].port

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _lock(self, machine_id: str) -> asyncio.Lock:
        return self._locks.setdefault(machine_id, asyncio.Lock())

    async def _boot(
        self, machine_id: str, template: str, address: str, password: str, startup_script: str | None
    ) -> None:
        async with self._lock(machine_id):
            if machine_id in self._machines:
                return
            disk = await asyncio.to_thread(self._disk, machine_id)
            await asyncio.to_thread(disk.make, template, password)
            await self._start(disk, machine_id, address, startup_script)

    def _disk(self, machine_id: str) -> AnyDisk:
        kinds: dict[str, type[AnyDisk]] = {"nspawn": NspawnDisk, "vm": VmDisk}
        return kinds.get(self.level, Disk)(self._directory, machine_id)

    def _machine(self, disk: AnyDisk, machine_id: str) -> AnyMachine:
        def asked(action: str) -> None:
            self._asked(machine_id, action)

        if isinstance(disk, NspawnDisk):
            return NspawnMachine(disk, machine_id, asked)
        if isinstance(disk, VmDisk):
            return VmMachine(disk, machine_id, asked)
        return Machine(disk, machine_id, self.level, asked)

    async def _start(self, disk: AnyDisk, machine_id: str, address: str, startup_script: str | None) -> None:
        machine = self._machine(disk, machine_id)
        await machine.boot(self._directory, address, self._port, startup_script)
        self._machines[machine_id] = machine
        self._addresses[machine_id] = address

    async def _halt(self, machine_id: str) -> None:
        async with self._lock(machine_id):
            machine = self._machines.pop(machine_id, None)
            if machine:
                await machine.halt()

    async def _delete(self, machine_id: str) -> None:
        await self._halt(machine_id)
        async with self._lock(machine_id):
            await asyncio.to_thread(self._disk(machine_id).remove)

    async def _halt_all(self) -> None:
        await asyncio.gather(*(self._halt(machine_id) for machine_id in list(self._machines)))

    def _asked(self, machine_id: str, action: str) -> None:
        """Something in the machine asked to power off or to reboot, or its first process is gone."""
        work = self._reboot(machine_id) if action == "reboot" else self._power_off(machine_id)
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _power_off(self, machine_id: str) -> None:
        await self._halt(machine_id)
        threading.Thread(target=self._on_poweroff, args=(machine_id,), name="poweroff", daemon=True).start()

    async def _reboot(self, machine_id: str) -> None:
        async with self._lock(machine_id):
            machine = self._machines.pop(machine_id, None)
            if machine is None:
                return
            await machine.halt()
            await self._start(self._disk(machine_id), machine_id, self._addresses[machine_id], None)
