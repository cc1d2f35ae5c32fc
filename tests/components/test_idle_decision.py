from __future__ import annotations

from typing import Any

import pytest

from components.guest.idle_decision import (
    BROKEN_SENSOR_SECONDS,
    POWER_OFF,
    STAY,
    WAIT,
    WARN,
    Decision,
    Limits,
    Memory,
    Signal,
    decide,
)

LIMITS = Limits(idle=3600, never_connected=0, max_uptime=0, grace=600, tick=60)
NOW = 100_000.0
TYPED = Signal("terminals", 0.0, "someone typed in a terminal")


def memory(idle_for: float = 0, seen: float = 60, warned: float | None = None, **more: Any) -> Memory:
    """A memory of this boot, in seconds before now."""
    at = None if warned is None else NOW - warned
    return Memory("boot", NOW - idle_for, NOW - seen, "before", at, **more)


def at_now(
    before: Memory | None, *signals: Signal, lease: float = 0, boot: str = "boot", limits: Limits = LIMITS
) -> Decision:
    return decide(limits, before, boot, NOW, lease, list(signals))


@pytest.mark.parametrize(
    ("before", "signals", "lease", "action"),
    [
        pytest.param(None, [], 0, STAY, id="first look after a boot"),
        pytest.param(memory(3599), [], 0, STAY, id="just below the limit"),
        pytest.param(memory(3600), [], 0, WARN, id="at the limit: a warning first"),
        pytest.param(memory(9999), [], 0, WARN, id="far above the limit: a warning first all the same"),
        pytest.param(memory(4000, warned=599), [], 0, WAIT, id="within the grace"),
        pytest.param(memory(4300, warned=600), [], 0, POWER_OFF, id="after the grace"),
        pytest.param(
            memory(4300, warned=600), [Signal("tty", 1.0, "x")], 0, STAY, id="use at the last moment"
        ),
        pytest.param(
            memory(4000, warned=300), [Signal("tty", 200.0, "x")], 0, STAY, id="use within the grace"
        ),
        pytest.param(memory(3600), [Signal("tty", 3700.0, "x")], 0, WARN, id="use longer ago than the limit"),
        pytest.param(memory(3600), [Signal("tty", None)], 0, WARN, id="a sensor that saw nothing"),
        pytest.param(memory(3600), [Signal("tty", -50.0, "x")], 0, STAY, id="a stamp of the future is now"),
        pytest.param(memory(9999, warned=700), [], 1, STAY, id="kept on by hand"),
        pytest.param(memory(9999, seen=301), [], 0, STAY, id="not watched for a while: counted anew"),
        pytest.param(memory(9999, seen=-5), [], 0, STAY, id="the clock went back: counted anew"),
        pytest.param(memory(9999), [Signal("gpu", failed=True)], 0, STAY, id="a broken sensor stops nothing"),
        pytest.param(
            memory(9999, failing={"gpu": NOW - BROKEN_SENSOR_SECONDS}),
            [Signal("gpu", failed=True)],
            0,
            WARN,
            id="broken for six hours: it keeps nothing on any more",
        ),
        pytest.param(
            memory(9999, failing={"gpu": NOW - BROKEN_SENSOR_SECONDS}),
            [Signal("gpu", failed=True), Signal("tty", 5.0, "x")],
            0,
            STAY,
            id="a broken sensor does not silence the others",
        ),
        pytest.param(
            memory(9999, failing={"gpu": NOW - BROKEN_SENSOR_SECONDS}),
            [Signal("gpu", None)],
            0,
            WARN,
            id="a sensor that works again is forgiven",
        ),
    ],
)
def test_the_decision(before: Memory | None, signals: list[Signal], lease: float, action: str) -> None:
    assert at_now(before, *signals, lease=lease).action == action


def test_another_boot_counts_anew() -> None:
    decision = at_now(memory(9999, warned=9999), boot="another")
    assert (decision.action, decision.memory.since, decision.memory.warned) == (STAY, NOW, None)


def test_use_after_the_warning_takes_the_warning_back() -> None:
    decision = at_now(memory(4000, warned=300), Signal("tty", 10.0, "someone typed"))
    assert decision.memory.warned is None
    assert (decision.memory.since, decision.reason) == (NOW - 10, "someone typed")


def test_the_newest_of_all_signs_counts() -> None:
    decision = at_now(memory(50), Signal("a", 300.0, "older"), Signal("b", 20.0, "newer"))
    assert (decision.memory.since, decision.reason) == (NOW - 20, "newer")


def test_a_lease_counts_as_use_until_its_end() -> None:
    assert at_now(memory(9999), lease=5).memory.since == NOW


@pytest.mark.parametrize(
    ("idle_for", "connected", "limits", "action"),
    [
        pytest.param(1800, False, {}, WARN, id="nobody ever came: at the shorter limit"),
        pytest.param(1799, False, {}, STAY, id="nobody came yet, and it is early"),
        pytest.param(1800, True, {}, STAY, id="someone came: the ordinary limit holds"),
        pytest.param(3600, True, {}, WARN, id="someone came and went"),
        pytest.param(9999, False, {"never_connected": 0, "idle": 86_400}, STAY, id="no such limit"),
        pytest.param(3600, False, {"never_connected": 7200}, WARN, id="longer than the ordinary limit"),
        pytest.param(99_999, False, {"idle": 0}, STAY, id="the idle stop is off: neither limit holds"),
    ],
)
def test_a_machine_that_nobody_connects_to(
    idle_for: float, connected: bool, limits: dict[str, float], action: str
) -> None:
    before = memory(idle_for, connected=connected)
    assert at_now(before, limits=LIMITS._replace(**{"never_connected": 1800, **limits})).action == action


@pytest.mark.parametrize(
    ("signal", "came"),
    [
        (TYPED, True),
        (Signal("terminals", 9000.0, "an open shell that nobody touches"), True),
        (Signal("jupyter", 5.0, "a notebook was used"), True),
        (Signal("tunnels", 0.0, "data goes through a tunnel"), True),
        (Signal("commands", 0.0, "a command works over SSH"), True),
        (Signal("jupyter", None), False),
        (Signal("logins", 0.0, "the stack's own login, perhaps"), False),
        (Signal("steps", 0.0, "the stack sets something up"), False),
        (Signal("processor", 0.0, "a program computes"), False),
        (Signal("jupyter", failed=True), False),
    ],
)
def test_who_counts_as_someone(signal: Signal, came: bool) -> None:
    assert at_now(memory(), signal).memory.connected is came
    assert at_now(memory(connected=True), signal).memory.connected


def test_a_step_that_runs_for_an_hour_keeps_a_machine_on_that_nobody_came_to_yet() -> None:
    limits, state, actions = LIMITS._replace(never_connected=1800), None, []
    for now in range(0, 3600 + 1800 + 60, 60):
        working = [Signal("steps", 0.0, "the stack sets something up")] if now <= 3600 else []
        decision = decide(limits, state, "boot", now, 0, working)
        state = decision.memory
        actions.append(decision.action)
    assert actions == [*[STAY] * 90, WARN]
    assert decision.reason == "nobody connected since the machine was switched on, 30 min without work"


def test_a_boot_forgets_who_came_and_a_missed_tick_does_not() -> None:
    came = memory(seen=9999, connected=True)
    assert at_now(came).memory.connected
    assert not at_now(came, boot="another").memory.connected


def test_the_longest_uptime_ends_a_machine_in_use_or_kept_on_by_hand_in_time_and_after_a_warning() -> None:
    limits, state, actions = LIMITS._replace(max_uptime=7200), None, []
    for now in range(0, 7201, 60):
        decision = decide(limits, state, "boot", now, 9999, [TYPED])
        state = decision.memory
        actions.append(decision.action)
    assert actions == [*[STAY] * 110, WARN, *[WAIT] * 9, POWER_OFF]
    assert decision.reason == "on for 120 min, 120 min is the most whatever happens"


def test_the_longest_uptime_holds_where_the_idle_stop_is_off_and_still_warns_first() -> None:
    limits = LIMITS._replace(idle=0, max_uptime=7200)
    assert at_now(memory(99_999), limits=limits).action == WARN
    assert at_now(memory(99_999, warned=600), limits=limits).action == POWER_OFF


def test_the_reason_for_the_end_names_the_last_use_and_how_long_ago() -> None:
    assert at_now(memory(3600)).reason == "no use for 60 min, last: before"


def test_a_machine_that_nobody_comes_back_to_is_off_after_limit_and_grace() -> None:
    state, now, actions = None, 0.0, []
    while POWER_OFF not in actions:
        decision = decide(LIMITS, state, "boot", now, 0, [])
        state, now = decision.memory, now + 60
        actions.append(decision.action)
    assert now - 60 == 3600 + 600
    assert actions.count(WARN) == 1
