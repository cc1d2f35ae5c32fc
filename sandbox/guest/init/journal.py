"""The machine's journal: one JSON object a line in /var/log/journal.jsonl."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = "/var/log/journal.jsonl"
LARGEST = 8 * 1024 * 1024


class Journal:
    """Takes lines from services; keeps the newest half when the file is full.

    clock: seconds since the epoch.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._file.parent.mkdir(parents=True, exist_ok=True)

    def write(self, unit: str, message: str, *, identifier: str = "systemd", pid: int = 1) -> None:
        """Add one line."""
        entry = {"time": time.time(), "unit": unit, "identifier": identifier, "pid": pid, "message": message}
        with self._file.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            full = file.tell() > LARGEST
        if full:
            lines = self._file.read_bytes().splitlines(keepends=True)
            self._file.write_bytes(b"".join(lines[len(lines) // 2 :]))

    async def follow(self, pipe: int, unit: str, identifier: str, pid: int) -> None:
        """Write what comes out of `pipe`, line by line, until its end."""
        import asyncio  # here, because it is most of what the start of a stand-in would cost

        reader = asyncio.StreamReader(limit=1 << 20)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: protocol, os.fdopen(pipe, "rb")
        )
        pending = b""
        while chunk := await reader.read(65536):
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                self.write(unit, line.decode("utf-8", "replace"), identifier=identifier, pid=pid)
        if pending:
            self.write(unit, pending.decode("utf-8", "replace"), identifier=identifier, pid=pid)
        transport.close()


def entries(file: Path, units: set[str]) -> Iterator[dict[str, Any]]:
    """The lines of these units (all when there are none), oldest first."""
    try:
        with file.open(encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                entry = json.loads(line)
                if not units or entry["unit"] in units:
                    yield entry
    except FileNotFoundError:
        return
