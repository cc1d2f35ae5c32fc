"""Spellings, sizes and prices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider import catalog
from provider.errors import InvalidInput


@pytest.mark.parametrize("spelling", ["M4000", "m4000", "GPU+", "gpu+", " M4000 "])
def test_every_spelling_of_the_course_machine_is_one_type(spelling: str) -> None:
    assert catalog.canonical_machine_type(spelling) == "M4000"
    assert catalog.machine_type_label(spelling) == "GPU+"


@pytest.mark.parametrize("spelling", ["ny2", "NY2", "East Coast (NY2)", "east coast (ny2)"])
def test_every_spelling_of_a_region_is_one_region(spelling: str) -> None:
    assert catalog.canonical_region(spelling) == "East Coast (NY2)"
    assert catalog.region_code(spelling) == "ny2"


@given(st.sampled_from([*catalog.MACHINE_TYPES, *(f"{name}x2" for name in ("P4000", "A100-80G"))]))
def test_a_canonical_name_is_its_own_canonical_name_and_so_is_its_label(name: str) -> None:
    assert catalog.canonical_machine_type(name) == name
    assert catalog.canonical_machine_type(catalog.machine_type_label(name)) == name
    assert catalog.canonical_machine_type(name.lower()) == name


def test_several_gpus_cost_and_hold_a_multiple_of_one() -> None:
    one, four = catalog.machine_type("A4000"), catalog.machine_type("a4000x4")
    assert (four.hourly, four.cpus, four.ram_gb) == (4 * one.hourly, 4 * one.cpus, 4 * one.ram_gb)


@pytest.mark.parametrize(
    ("wrong", "right"), [("M400", "M4000"), ("RTX400", "RTX4000"), ("A100-80", "A100-80G"), ("GPU", "M4000")]
)
def test_an_unknown_type_is_named_with_the_closest_one(wrong: str, right: str) -> None:
    with pytest.raises(InvalidInput, match=f"no machine type '{wrong}'; did you mean '{right}'"):
        catalog.canonical_machine_type(wrong)


def test_an_unknown_region_is_named_with_the_closest_one() -> None:
    with pytest.raises(
        InvalidInput, match=r"no region 'East Cost \(NY2\)'; did you mean 'East Coast \(NY2\)'"
    ):
        catalog.canonical_region("East Cost (NY2)")


def test_a_type_of_tomorrow_in_an_answer_is_kept_as_it_is() -> None:
    assert catalog.known_machine_type("B200") == "B200"


@pytest.mark.parametrize(
    ("machine_type", "region", "offered"),
    [
        ("GPU+", "ams1", True),
        ("M4000", "ca1", False),
        ("A5000", "ams1", False),
        ("H100", "ny2", True),
        ("C5", "ca1", True),
    ],
)
def test_the_vendors_table_of_regions(machine_type: str, region: str, offered: bool) -> None:
    assert catalog.is_offered(machine_type, region) is offered


def test_a_machine_that_is_off_still_costs_disk_and_static_address() -> None:
    estimate = catalog.monthly_estimate("M4000", 50, "static", hours_per_week=0)
    assert (estimate.off, estimate.running) == (8.0, 8.0)


def test_a_month_at_ten_hours_a_week() -> None:
    estimate = catalog.monthly_estimate("M4000", 50, "static", hours_per_week=10)
    assert estimate.hourly == 0.45
    assert estimate.running == pytest.approx(8.0 + 10 * 52 / 12 * 0.45, abs=0.01)
    assert estimate.date == "2025-11-14"


def test_kept_snapshots_are_part_of_what_is_billed_while_off() -> None:
    assert catalog.monthly_estimate("C5", 100, "none", 0, snapshots=3).off == pytest.approx(7 + 3 * 1.2)


def test_a_dynamic_address_is_billed_by_the_hour_and_capped() -> None:
    assert catalog.monthly_estimate("C1", 50, "dynamic", 0).running == 5.0
    always_on = catalog.monthly_estimate("C1", 50, "dynamic", 168)
    assert always_on.running == pytest.approx(5 + 3 + 728 * 0.0045, abs=0.01)


def test_a_disk_that_is_not_sold_has_no_price() -> None:
    with pytest.raises(InvalidInput, match="no disk of 60 GB; choose one of: 50, 100"):
        catalog.monthly_disk(60)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [("M4000", "P5000", True), ("M4000", "P4000x2", True), ("C5", "C7", True), ("C5", "P4000", False)],
)
def test_a_machine_is_resized_within_its_family_only(first: str, second: str, same: bool) -> None:
    assert catalog.same_family(first, second) is same
