"""Forgets what a sandbox holds, and keeps what its users know it by."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.daemon import Daemon
from sandbox.paperspace.state.database import Database
from sandbox.server import DATABASE

_KEPT = ("api_key", "port")


def reset(directory: Path) -> None:
    """Ends the daemon and removes machines, addresses, scripts, disks and settings; key and port stay."""
    if not directory.exists():
        return
    with Daemon(directory).stopped():
        facts = _facts(directory / DATABASE)
        for file in directory.glob(f"{DATABASE}*"):
            file.unlink()
        if (directory / "machines").exists():
            shutil.rmtree(directory / "machines")
        _remember(directory / DATABASE, facts)


def _facts(path: Path) -> dict[str, str]:
    database = Database(path)
    facts = {name: value for name in _KEPT if (value := database.fact(name))}
    database.close()
    return facts


def _remember(path: Path, facts: dict[str, str]) -> None:
    database = Database(path)
    for name, value in facts.items():
        database.set_fact(name, value)
    database.close()
