# ruff: noqa: UP006, UP035 - the machine's Python may be 3.6
"""What the idle stop keeps: its memory and an extension until the next power off, its ledger for good."""

import json
import time
from pathlib import Path
from typing import Any, Dict

MEMORY = "run/fastai-idle/memory.json"
LEASE = "run/fastai-idle/lease.json"
LEDGER = "var/lib/fastai/idle_ledger"
LEDGER_LINES = 1000


def write_ledger(root: Path, action: str, reason: str) -> None:
    """One line a change of mind: when, what, why. A full disk keeps no machine on."""
    path = root / LEDGER
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        lines = read_ledger(root).splitlines()[1 - LEDGER_LINES :]
        replace(path, "\n".join([*lines, f"{stamp} {action}: {reason}"]) + "\n", 0o644)
    except OSError as failure:
        print(f"{path}: {failure}")


def read_ledger(root: Path) -> str:
    path = root / LEDGER
    return path.read_text() if path.exists() else ""


def load(path: Path) -> Dict[str, Any]:
    """A stored object; an absent or broken file is an empty one."""
    try:
        stored = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def save(path: Path, value: Dict[str, Any]) -> None:
    replace(path, json.dumps(value), 0o600)


def replace(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    new.chmod(mode)
    new.replace(path)
