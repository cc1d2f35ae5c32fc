# ruff: noqa: UP006, UP035, UP045 - the machine's Python may be 3.6
"""Whether the machine goes on, warns, or powers off: one pure function.

Times are in seconds. `now` and what the memory holds count from the boot, on a clock that no one can set.
"""

from typing import Dict, List, NamedTuple, Optional

STAY, WARN, WAIT, POWER_OFF = "stay", "warn", "wait", "power off"
MISSED_TICKS = 5
CONNECTIONS = ("terminals", "jupyter", "tunnels", "commands")
"""The sensors that see a person, not only work that goes on."""
BROKEN_SENSOR_SECONDS = 6 * 3600


class Limits(NamedTuple):
    """idle: without a sign of use, 0 for no such rule; never_connected: the same while nobody came since the
    boot; grace: between the warning and the end; max_uptime: on in all, whatever happens. 0 is no limit.
    """

    idle: float
    never_connected: float
    max_uptime: float
    grace: float
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
    since when; connected: whether anybody came since the boot.
    """

    boot: str
    since: float
    seen: float
    reason: str = "the machine was switched on"
    warned: Optional[float] = None
    failing: Dict[str, float] = {}  # noqa: RUF012 - a tuple's default, never changed
    connected: bool = False


class Decision(NamedTuple):
    """action: one of the four above; reason: for people; memory: for the next decision."""

    action: str
    reason: str
    memory: Memory


def decide(
    limits: Limits, memory: Optional[Memory], boot: str, now: float, lease: float, signals: List[Signal]
) -> Decision:
    """The decision at `now`. lease: how long people still keep the machine on, but for `max_uptime`."""
    before = continued(limits, memory, boot, now)
    failing = {each.sensor: before.failing.get(each.sensor, now) for each in signals if each.failed}
    memory = latest_use(before._replace(seen=now, failing=failing), now, lease, signals)
    why = too_long(limits, now) or ("" if lease > 0 else unused(limits, memory, now))
    if why:
        return countdown(limits, memory, now, why)
    return Decision(STAY, memory.reason, memory._replace(warned=None))


def too_long(limits: Limits, now: float) -> str:
    """Why the machine has been on for too long, so early that it is off when `max_uptime` is over; or ""."""
    if limits.max_uptime and now >= limits.max_uptime - limits.grace:
        return f"on for {minutes(now)}, {minutes(limits.max_uptime)} is the most whatever happens"
    return ""


def unused(limits: Limits, memory: Memory, now: float) -> str:
    """Why nobody uses the machine; or ""."""
    idle = now - memory.since
    if not limits.idle:
        return ""
    if limits.never_connected and not memory.connected and idle >= limits.never_connected:
        return f"nobody connected since the machine was switched on, {minutes(idle)} without work"
    if idle >= limits.idle:
        return f"no use for {minutes(idle)}, last: {memory.reason}"
    return ""


def continued(limits: Limits, memory: Optional[Memory], boot: str, now: float) -> Memory:
    """The memory, or a fresh one after a boot, a sleep, missed ticks or a clock that went back."""
    if memory is None or memory.boot != boot:
        return Memory(boot, now, now)
    if now < memory.seen or now - memory.seen > MISSED_TICKS * limits.tick:
        unwatched = "the machine was not watched for a while"
        return Memory(boot, now, now, unwatched, None, memory.failing, memory.connected)
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
    came = any(each.sensor in CONNECTIONS and each.age is not None for each in signals)
    return memory._replace(since=newest, reason=reason, connected=memory.connected or came)


def countdown(limits: Limits, memory: Memory, now: float, why: str) -> Decision:
    if memory.warned is None:
        return Decision(WARN, why, memory._replace(warned=now))
    if now - memory.warned < limits.grace:
        return Decision(WAIT, why, memory)
    return Decision(POWER_OFF, why, memory)


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"
