"""The live tests' own safety, tried on the sandbox."""

from __future__ import annotations

import pytest

from tests.provider.life import Life
from tests.provider.live import guard
from tests.provider.live.sweep import PREFIX, sweep


def test_the_sweeper_deletes_what_has_the_prefix_and_nothing_else(life: Life) -> None:
    left_behind = life.create(name=f"{PREFIX}machine")
    kept = life.create()
    assert set(sweep(life.client)) == {left_behind["name"]}
    assert [machine["id"] for machine in life.machines] == [kept["id"]]
    life.assert_world_is_as_state_says()
    assert sweep(life.client) == []


@pytest.mark.parametrize("cap", ["0", "0.01", "nan", "inf", "-1", "much", ""])
def test_a_cap_below_the_cost_or_that_is_no_amount_stops_the_run(cap: str) -> None:
    with pytest.raises(guard.Refused, match="PAPERSPACE_LIVE_CAP"):
        guard.refuse_over_cap(cap)


def test_the_default_cap_covers_a_run() -> None:
    guard.refuse_over_cap(guard.DEFAULT_CAP)


def test_another_team_stops_the_run() -> None:
    with pytest.raises(guard.Refused, match="belongs to team tqother, PAPERSPACE_LIVE_TEAM names tqmine"):
        guard.refuse_other_team("tqother", "tqmine")
