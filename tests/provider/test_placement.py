"""The first pair in the given order that really comes up; one error that says why for each."""

from __future__ import annotations

from typing import Any

import pytest

from provider import lifecycle
from provider.errors import NothingAvailable
from tests.provider.life import Life, inputs

NY2, AMS1 = "East Coast (NY2)", "Europe (AMS1)"
WISHES: dict[str, Any] = {"machine_types": ["M4000", "P4000"], "regions": [NY2, AMS1]}


def no_capacity(life: Life, machine_type: str, region: str) -> None:
    life.sandbox.set_capacity(machine_type, region, available=False)


def silent(life: Life, machine_type: str, region: str) -> None:
    life.sandbox.set_capacity(machine_type, region, silent_failure=True)


def placed(life: Life) -> tuple[str, str]:
    return life.outputs["machine_type"], life.outputs["region"]


def test_the_first_pair_is_taken_when_it_can_be_had(life: Life) -> None:
    life.create(**WISHES)
    assert placed(life) == ("M4000", NY2)


def test_the_same_type_in_the_next_region_comes_before_the_next_type(life: Life) -> None:
    no_capacity(life, "GPU+", NY2)
    life.create(**WISHES)
    assert placed(life) == ("M4000", AMS1)
    life.assert_world_is_as_state_says()


def test_the_next_type_comes_when_no_region_has_the_first(life: Life) -> None:
    no_capacity(life, "GPU+", NY2)
    no_capacity(life, "GPU+", AMS1)
    life.create(**WISHES)
    assert placed(life) == ("P4000", NY2)


def test_a_machine_that_silently_stays_off_is_started_once_then_deleted_for_the_next_pair(life: Life) -> None:
    silent(life, "GPU+", NY2)
    life.create(**WISHES)
    assert placed(life) == ("M4000", AMS1)
    assert life.requests["PATCH /machines/{id}/start"] == 1
    life.assert_world_is_as_state_says()


def test_when_nothing_can_be_had_one_error_lists_every_pair_and_why_and_nothing_is_left(life: Life) -> None:
    no_capacity(life, "GPU+", NY2)
    silent(life, "P4000", NY2)
    with pytest.raises(NothingAvailable) as caught:
        life.create(machine_types=["M4000", "P4000", "H100"], regions=[NY2])
    first, second, third = caught.value.tried
    assert (first[:2], second[:2], third[:2]) == (("M4000", NY2), ("P4000", NY2), ("H100", NY2))
    assert "no capacity at the moment" in first[2]
    assert "started and is off again" in second[2]
    assert "does not run on this type" in third[2]
    for line in ("M4000 in East Coast (NY2): ", "P4000 in East Coast (NY2): ", "try again later"):
        assert line in str(caught.value)
    life.assert_world_is_as_state_says()


def test_a_disk_too_small_for_the_template_is_advised_about_by_its_key(life: Life) -> None:
    with pytest.raises(NothingAvailable) as caught:
        life.create(template="tvimtol9", disk_size=50)
    assert "refused: Invalid disk size: 50. It must be at least 100" in str(caught.value)
    assert "where a value is refused, change its key, such as `disk_size`" in str(caught.value)
    life.assert_world_is_as_state_says()


def test_a_type_that_needs_approval_says_so(life: Life) -> None:
    with pytest.raises(NothingAvailable, match="on request only"):
        life.create(machine_types=["H100"], template="t0nspur5", disk_size=100)
    life.assert_world_is_as_state_says()


def test_a_pair_that_the_vendor_does_not_offer_is_named_as_such(life: Life) -> None:
    with pytest.raises(NothingAvailable, match="table does not list this type there"):
        life.create(regions=["ca1"])


def test_the_preview_warns_of_the_first_choices_and_stops_at_the_first_that_can_be_had(life: Life) -> None:
    no_capacity(life, "GPU+", NY2)
    _, problems = lifecycle.check(lambda: life.client, {}, inputs(**WISHES), life.time.waiter())
    assert problems == []
    assert life.time.warned == [f"M4000 in {NY2}: no capacity at the moment"]
    assert life.machines == []


def test_a_machine_with_a_disk_is_never_moved(life: Life) -> None:
    first = life.create(**WISHES)
    life.update(**WISHES, power="stopped")
    silent(life, "GPU+", NY2)
    with pytest.raises(Exception, match=r"cannot be started|off again"):
        life.update(**WISHES)
    assert [machine["id"] for machine in life.machines] == [first["id"]]


def test_an_order_that_the_api_fails_on_twice_is_followed_by_the_next_pair(life: Life) -> None:
    life.fault("POST /machines", "status", status=500, times=2)
    life.create(**WISHES)
    assert placed(life) == ("M4000", AMS1)
    life.assert_world_is_as_state_says()
