"""One running virtual machine: its qemu."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sandbox.guest.held_machine import HeldMachine
from sandbox.guest.machine import BootFailed
from sandbox.guest.vm.disk import VmDisk

READY_WITHIN = 300.0
MEMORY_MB = 1024
KERNEL_LINE = "root=/dev/vda rw console=ttyS0 quiet"


class VmMachine(HeldMachine):
    """Boot it once, halt it once. It reboots by itself, inside its qemu.

    on_power: called in the loop with "poweroff" when the machine powered itself off, and with "crashed" when
    its qemu ends in another way.
    """

    STOPPED_WITHIN = 90.0
    LOOK_EVERY = 0.2

    def __init__(self, disk: VmDisk, machine_id: str, on_power: Callable[[str], None]) -> None:
        super().__init__(disk.folder, on_power)
        self._disk = disk
        self._id = machine_id
        self._monitor: socket.socket | None = None

    async def boot(self, directory: Path, address: str, port: int, startup_script: str | None) -> None:  # noqa: ARG002
        """Return when the SSH server answers. Raises BootFailed, layers.BuildFailed."""
        await asyncio.to_thread(self._disk.prepare, startup_script)
        self.port = port or free_port(address)
        self._start(address)
        try:
            async with asyncio.timeout(READY_WITHIN):
                while not await asyncio.to_thread(answers, address, self.port):
                    if not self._runs():
                        raise self._failed("its qemu ended")  # noqa: EM101
                    await asyncio.sleep(self.LOOK_EVERY)
        except TimeoutError:
            await self.halt()
            raise self._failed("no SSH server") from None  # noqa: EM101
        except BaseException:
            await self.halt()
            raise
        self.watch()

    async def halt(self) -> None:
        """Press the power button; pull the plug when that does nothing for too long."""
        self._halting = True
        if self._monitor and self._runs():
            with suppress(OSError):
                for command in ("qmp_capabilities", "system_powerdown"):
                    self._monitor.send(json.dumps({"execute": command}).encode())
            await self._ended_in_time()
        if self._process:
            self._process.kill()
            await self._ended()
        if self._monitor:
            self._monitor.close()
        await self._watched()

    def _start(self, address: str) -> None:
        self._monitor, theirs = socket.socketpair()
        with theirs, self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(address, theirs.fileno()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def _command(self, address: str, monitor: int) -> list[str]:
        """No hardware help, and no way in or out but to its SSH server. It ends with the sandbox."""
        place = self._disk.place
        network = f"user,id=net,restrict=on,hostfwd=tcp:{address}:{self.port}-:22"
        return [
            "setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-name", self._id, "-machine", "q35",
            "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "1", "-m", str(MEMORY_MB),
            "-nodefaults", "-display", "none", "-serial", "stdio",
            "-kernel", f"{place}/vmlinuz", "-initrd", f"{place}/initrd", "-append", KERNEL_LINE,
            "-drive", f"file={self._disk.image},if=virtio,format=raw,cache=unsafe",
            "-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile=",
            "-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control",
        ]  # fmt: skip

    def ending(self, code: int) -> str:
        return "poweroff" if code == 0 else "crashed"

    def _failed(self, what: str) -> BootFailed:
        message = f"machine {self._id} did not boot at level vm: {what}: {self._said()}"
        return BootFailed(message)


def free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def answers(address: str, port: int) -> bool:
    """Whether an SSH server says who it is; qemu itself takes connections long before."""
    with suppress(OSError), socket.create_connection((address, port), timeout=5) as end:
        return end.recv(4) == b"SSH-"
    return False
