"""What people read of an archive."""

from __future__ import annotations

from components.archive_files import Record

NAMED = 5
"""So many paths are named, no more."""


def size(count: int) -> str:
    """Of bytes: `21.0 GB`, `3.4 MB`, `56 kB`."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count / 1e3:.0f} kB"


def files(record: Record) -> str:
    """`12 files, 3.4 MB`."""
    return f"{record.count} file{'' if record.count == 1 else 's'}, {size(record.bytes)}"


def content(record: Record) -> str:
    """The files, and what is not among them or perhaps not as it was at the end."""
    text = files(record)
    if record.skipped:
        text += f"; not in it: {', '.join(sorted(record.skipped)[:NAMED])}"
    if record.changed:
        text += f"; written to meanwhile: {', '.join(record.changed[:NAMED])}"
    return text
