# ruff: noqa: UP006, UP035 - the machine's Python may be 3.6
"""Powers the machine off when nobody uses it. Run by a timer, as root: `idle_stop.py tick`.

For people: `keep-on HOURS` (this program's `extend`) and `idle_stop.py status`.
"""

import argparse
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Dict

from components.guest import idle_sensors
from components.guest.idle_decision import POWER_OFF, STAY, WARN, Decision, Limits, Memory, decide, minutes

MEMORY = "run/fastai-idle/memory.json"
LEASE = "run/fastai-idle/lease.json"
LEDGER = "var/lib/fastai/idle_ledger"
LEDGER_LINES = 1000
MOST_HOURS = 24


def main() -> None:
    options = arguments().parse_args()
    if options.command == "extend":
        extend(options.root, options.hours, time.time())
    elif options.command == "status":
        print(status(options.root))
    else:
        tick(options)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=os.environ.get("GUEST_ROOT") or "/")
    commands = parser.add_subparsers(dest="command")
    ticking = commands.add_parser("tick", help="look once, and act")
    for name, value in (("idle", 3600), ("grace", 600), ("cap", 0), ("tick", 60), ("port", 8889)):
        ticking.add_argument("--" + name, type=int, default=value)
    extending = commands.add_parser("extend", help="keep the machine on for some hours, whatever happens")
    extending.add_argument("hours", type=float)
    commands.add_parser("status", help="what the last look found")
    return parser


def tick(options: argparse.Namespace) -> None:
    """One look, one decision, and what follows from it."""
    stored = load(options.root / MEMORY)
    now, boot = boot_clock(), boot_id(options.root)
    elapsed = now - stored.get("now", now)
    counters: Dict[str, Any] = {}
    machine = idle_sensors.Machine(
        options.root, options.port, time.time(), elapsed, stored.get("counters", {}), counters
    )
    limits = Limits(options.idle, options.grace, options.cap, options.tick)
    memory = Memory(**stored["memory"]) if "memory" in stored else None
    lease = load(options.root / LEASE).get("until", 0) - time.time()
    decision = decide(limits, memory, boot, now, lease, idle_sensors.read_all(machine))
    kept = {
        "now": now,
        "counters": counters,
        "memory": decision.memory._asdict(),
        "action": decision.action,
        "reason": decision.reason,
    }
    save(options.root / MEMORY, kept)
    same_reason = decision.action != STAY or decision.reason == stored.get("reason")
    if decision.action != stored.get("action") or not same_reason:
        write_ledger(options.root, decision)
    act(decision, limits)


def act(decision: Decision, limits: Limits) -> None:
    """Warns on every terminal, or ends. Never `shutdown +N`: it locks out who comes back to stay."""
    if decision.action == WARN:
        left = minutes(limits.grace)
        told = f"This machine is about to power off in {left} ({decision.reason}). To keep it on: keep-on 2"
        call(["wall", told])
    if decision.action == POWER_OFF:
        call(["systemctl", "poweroff"])


def call(command: Any) -> None:
    try:
        subprocess.call(command)
    except OSError as failure:
        print(f"{command[0]}: {failure}")


def extend(root: Path, hours: float, wall: float) -> None:
    if not 0 <= hours <= MOST_HOURS:
        text = f"give hours between 0 and {MOST_HOURS}, not {hours:g}"
        raise SystemExit(text)
    save(root / LEASE, {"until": wall + hours * 3600})
    print(f"The machine stays on for {hours:g} hours, and is billed for them.")


def status(root: Path) -> str:
    stored = load(root / MEMORY)
    if not stored:
        return "nothing was looked at yet"
    return "{}: {}".format(stored["action"], stored["reason"])


def write_ledger(root: Path, decision: Decision) -> None:
    """One line a change of mind: when, what, why."""
    path = root / LEDGER
    lines = path.read_text().splitlines()[1 - LEDGER_LINES :] if path.exists() else []
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lines.append(f"{stamp} {decision.action}: {decision.reason}")
    replace(path, "\n".join(lines) + "\n", 0o644)


def boot_clock() -> float:
    """Seconds since the boot, with the time asleep."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot_id(root: Path) -> str:
    path = root / "proc/sys/kernel/random/boot_id"
    return path.read_text().strip() if path.exists() else ""


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


if __name__ == "__main__":
    main()
