# ruff: noqa: UP006, UP035, UP045 - the machine's Python may be 3.6
"""Powers the machine off when nobody uses it. A timer runs `tick` every minute, as root.

For people, as the command `idle-stop`: `extend 2h`, `status`, `ledger`.
"""

import argparse
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Dict, Optional

from components.guest import idle_sensors
from components.guest.idle_decision import POWER_OFF, STAY, WARN, Decision, Limits, Memory, decide, minutes
from components.guest.idle_files import LEASE, MEMORY, load, read_ledger, save, write_ledger

MOST_SECONDS = 24 * 3600


def main() -> None:
    options = arguments().parse_args()
    if options.command == "extend":
        print(extend(options.root, options.time, time.time(), left_of(options)))
    elif options.command == "ledger":
        print(read_ledger(options.root), end="")
    elif options.command == "tick":
        tick(options)
    else:
        print(status(options.root, time.time()))


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="idle-stop", description="Whether the machine stays on.")
    parser.add_argument(
        "--root", type=Path, default=os.environ.get("GUEST_ROOT") or "/", help=argparse.SUPPRESS
    )
    parser.add_argument("--max-uptime", type=int, default=0, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", metavar="extend | status | ledger")
    ticking = commands.add_parser("tick")
    for name, value in (
        ("idle", 3600.0),
        ("never-connected", 0.0),
        ("grace", 600.0),
        ("tick", 60.0),
        ("port", 8889),
    ):
        ticking.add_argument("--" + name, type=type(value), default=value)
    extending = commands.add_parser("extend", help="keep the machine on for a time such as 2h or 90m")
    extending.add_argument("time", type=duration, help="2h, 90m, 1h30m; 0 takes an extension back")
    commands.add_parser("status", help="what the last look found")
    commands.add_parser("ledger", help="when the machine stayed on, warned and powered off, and why")
    return parser


def duration(text: str) -> float:
    """Seconds of a time such as 2h, 90m, 1h30m or 0.5 (hours). Raises argparse.ArgumentTypeError."""
    hours, _, rest = text.rpartition("h")
    try:
        if text.endswith("m"):
            seconds = float(hours or 0) * 3600 + float(rest[:-1]) * 60
        else:
            seconds = float(text[:-1] if text.endswith("h") else text) * 3600
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_SECONDS:
        wrong = f"give a time such as 2h or 90m, {MOST_SECONDS // 3600}h at most, not {text}"
        raise argparse.ArgumentTypeError(wrong)
    return seconds


def tick(options: argparse.Namespace) -> None:
    """One look, one decision, and what follows from it."""
    stored = load(options.root / MEMORY)
    now = uptime(options.root)
    counters: Dict[str, Any] = {}
    machine = idle_sensors.Machine(
        options.root,
        options.port,
        time.time(),
        now - stored.get("now", now),
        stored.get("counters", {}),
        counters,
    )
    limits = Limits(options.idle, options.never_connected, options.max_uptime, options.grace, options.tick)
    decision = decide(
        limits,
        remembered(stored),
        boot_id(options.root),
        now,
        lease(options.root, time.time()),
        idle_sensors.read_all(machine),
    )
    kept = {"now": now, "counters": counters, "memory": decision.memory._asdict()}
    save(options.root / MEMORY, {**kept, "action": decision.action, "reason": decision.reason})
    same_reason = decision.action != STAY or decision.reason == stored.get("reason")
    if decision.action != stored.get("action") or not same_reason:
        write_ledger(options.root, decision.action, decision.reason)
    act(decision, limits)


def remembered(stored: Dict[str, Any]) -> Optional[Memory]:
    """None where there is none, or where another version of this program wrote it."""
    try:
        return Memory(**stored["memory"])
    except (KeyError, TypeError):
        return None


def act(decision: Decision, limits: Limits) -> None:
    """Warns on every terminal, or ends. Never `shutdown +N`: it locks out who comes back to stay."""
    if decision.action == WARN:
        told = f"This machine is about to power off in {minutes(limits.grace)} ({decision.reason})."
        hard = limits.max_uptime and decision.memory.seen >= limits.max_uptime - limits.grace
        call(["wall", told + (" Save your work." if hard else " To keep it on: idle-stop extend 2h")])
    if decision.action == POWER_OFF:
        call(["systemctl", "poweroff"])


def call(command: Any) -> None:
    try:
        subprocess.call(command)
    except OSError as failure:
        print(f"{command[0]}: {failure}")


def extend(root: Path, seconds: float, wall: float, left: Optional[float]) -> str:
    """Keeps the machine on; the answer for people. left: seconds until `max_uptime` ends it all the same."""
    save(root / LEASE, {"until": wall + seconds})
    if not seconds:
        write_ledger(root, "extend", "taken back by hand")
        return "The machine powers itself off again when nobody uses it."
    until = clock_time(wall + seconds)
    write_ledger(root, "extend", f"kept on by hand until {until}")
    told = f"The machine stays on until {until} ({minutes(seconds)}), and is billed for it."
    if left is None or left > seconds:
        return told
    return (
        told
        + f"\nBut not longer than {clock_time(wall + max(left, 0.0))}: that is the most whatever happens."
    )


def left_of(options: argparse.Namespace) -> Optional[float]:
    return options.max_uptime - uptime(options.root) if options.max_uptime else None


def lease(root: Path, wall: float) -> float:
    """Seconds for which people still keep the machine on; a clock that was set back makes it no longer."""
    return min(float(load(root / LEASE).get("until", 0)) - wall, MOST_SECONDS)


def status(root: Path, wall: float) -> str:
    stored = load(root / MEMORY)
    if not stored:
        return "nothing was looked at yet"
    left = lease(root, wall)
    kept_on = f"; kept on by hand until {clock_time(wall + left)}" if left > 0 else ""
    return "{}: {}{}".format(stored["action"], stored["reason"], kept_on)


def clock_time(wall: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(wall))


def uptime(root: Path) -> float:
    """Seconds since the machine's first process started, also in a container, with the time asleep."""
    now = time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    path = root / "proc/1/stat"
    if not path.exists():
        return now
    started = path.read_text().rpartition(")")[2].split()[19]
    return now - float(started) / os.sysconf("SC_CLK_TCK")


def boot_id(root: Path) -> str:
    path = root / "proc/sys/kernel/random/boot_id"
    return path.read_text().strip() if path.exists() else ""


if __name__ == "__main__":
    main()
