"""An event log that still grows."""

from __future__ import annotations

from pathlib import Path

from lab import events
from lab.events import StackEvents


class Tail:
    """Reads whole lines that were added to a file since the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0

    def feed(self, stream: StackEvents) -> bool:
        """Whether anything was new."""
        if not self.path.exists():
            return False
        with self.path.open("rb") as file:
            file.seek(self.offset)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self.offset += len(whole)
        for event in events.parse_lines(whole.decode("utf-8", "replace").splitlines()):
            stream.add(event)
        return bool(whole)
