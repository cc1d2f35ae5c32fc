# ruff: noqa: UP006, UP035, UP045 - the machine's Python may be 3.6
"""Whether the machine goes on, warns, or powers off: one pure function.

Times are in seconds. `now` and what the memory holds are of the boot clock, which no one can set.
"""

from typing import Dict, List, NamedTuple, Optional

STAY, WARN, WAIT, POWER_OFF = "stay", "warn", "wait", "power off"
MISSED_TICKS = 5
BROKEN_SENSOR_SECONDS = 6 * 3600


class Limits(NamedTuple):
    """idle: without a sign of use; grace: between the warning and the end; cap: on in all, 0 for none."""

    idle: float
    grace: float
    cap: float
    tick: float


class Signal(NamedTuple):
    """One sensor's answer. age: since the last sign of use, None where there was none; or it failed."""

    sensor: str
    age: Optional[float] = None
    reason: str = ""
    failed: bool = False


class Memory(NamedTuple):
    """What one decision leaves to the next.

    since: the last sign of use; seen: the last decision; warned: when people were warned; failing: by sensor,
    since when.
    """

    boot: str
    since: float
    seen: float
    reason: str = "the machine was switched on"
    warned: Optional[float] = None
    failing: Dict[str, float] = {}  # noqa: RUF012 - a tuple's default, never changed


class Decision(NamedTuple):
    """action: one of the four above; reason: for people; memory: for the next decision."""

    action: str
    reason: str
    memory: Memory


def decide(
    limits: Limits, memory: Optional[Memory], boot: str, now: float, lease: float, signals: List[Signal]
) -> Decision:
    """The decision at `now`. lease: how long the machine is still to be kept on whatever happens."""
    before = continued(limits, memory, boot, now)
    failing = {each.sensor: before.failing.get(each.sensor, now) for each in signals if each.failed}
    memory = latest_use(before._replace(seen=now, failing=failing), now, lease, signals)
    idle = now - memory.since
    if lease > 0:
        return Decision(STAY, memory.reason, memory._replace(warned=None))
    if idle >= limits.idle:
        why = f"no use for {minutes(idle)}, last: {memory.reason}"
    elif limits.cap and now >= limits.cap:
        why = f"on for {minutes(now)}, the limit is {minutes(limits.cap)}"
    else:
        return Decision(STAY, memory.reason, memory._replace(warned=None))
    return countdown(limits, memory, now, why)


def continued(limits: Limits, memory: Optional[Memory], boot: str, now: float) -> Memory:
    """The memory, or a fresh one after a boot, a sleep, missed ticks or a clock that went back."""
    if memory is None or memory.boot != boot:
        return Memory(boot, now, now)
    if now < memory.seen or now - memory.seen > MISSED_TICKS * limits.tick:
        return Memory(boot, now, now, "the machine was not watched for a while", None, memory.failing)
    return memory


def latest_use(memory: Memory, now: float, lease: float, signals: List[Signal]) -> Memory:
    """The memory with the newest sign of use. A sensor that fails counts as use, for six hours."""
    seen = [(now - max(each.age, 0.0), each.reason) for each in signals if each.age is not None]
    for sensor, since in memory.failing.items():
        if now - since < BROKEN_SENSOR_SECONDS:
            seen.append((now, f"the sensor for {sensor} fails"))
    if lease > 0:
        seen.append((now, "kept on by hand"))
    newest, reason = max([*seen, (memory.since, memory.reason)], key=lambda use: use[0])
    return memory._replace(since=newest, reason=reason)


def countdown(limits: Limits, memory: Memory, now: float, why: str) -> Decision:
    if memory.warned is None:
        return Decision(WARN, why, memory._replace(warned=now))
    if now - memory.warned < limits.grace:
        return Decision(WAIT, why, memory)
    return Decision(POWER_OFF, why, memory)


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"
