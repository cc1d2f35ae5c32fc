"""What a machine in one process of this computer is, whatever holds it: a keeper of nspawn's, or qemu."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SAID_CHARACTERS = 500


class HeldMachine:
    """It runs while its process does. A subclass says what the process's exit code means.

    folder: where its console's log is. on_power: called in the loop when the machine ends by itself.
    """

    LOOK_EVERY: float
    STOPPED_WITHIN: float

    def __init__(self, folder: Path, on_power: Callable[[str], None]) -> None:
        self._log = folder / "console.log"
        self._on_power = on_power
        self._process: subprocess.Popen[bytes] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._halting = False
        self.port = 0

    def ending(self, code: int) -> str:
        """ "poweroff", "reboot" or "crashed"."""
        raise NotImplementedError

    def watch(self) -> None:
        """From now on tell when the machine ends by itself."""
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        await self._ended()
        if not self._halting:
            assert self._process
            self._on_power(self.ending(self._process.returncode))

    async def _watched(self) -> None:
        """Until the watch is over, unless it is the watch itself that asks."""
        if self._watching and self._watching is not asyncio.current_task():
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _ended_in_time(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.STOPPED_WITHIN):
                await self._ended()

    async def _ended(self) -> None:
        while self._runs():
            await asyncio.sleep(self.LOOK_EVERY)

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _said(self) -> str:
        """The end of what it printed."""
        text = self._log.read_text(encoding="utf-8", errors="replace").strip()
        return text[-SAID_CHARACTERS:] or "no word from it"
