"""Answers as they are seen in the wild: strings for integers, new fields, new states, cut-off objects."""

from __future__ import annotations

from typing import Any

import pytest

from provider.errors import UnexpectedAnswer
from provider.models import Machine, MachineEvent, parse
from provider.outputs import disk_size_of, gpu_of, monthly_fixed_of, outputs_of

ANSWER: dict[str, Any] = {
    "id": "ps1",
    "name": "ada",
    "state": "ready",
    "machineType": "GPU+",
    "region": "East Coast (NY2)",
    "cpus": 8,
    "ram": 32212254720,
    "storageTotal": 53687091200,
    "publicIpType": "static",
    "usageRate": 0.45,
    "storageRate": 5,
    "accelerators": [{"name": "Quadro M4000", "memory": None, "count": 1}],
}


def machine(**changes: Any) -> Machine:
    return parse(Machine, ANSWER | changes, "GET /machines/ps1")


def test_integers_may_be_strings() -> None:
    strings = machine(ram="32212254720", storageTotal="53687091200", cpus="8", usageRate="0.45")
    assert strings == machine()


def test_fields_and_states_of_tomorrow_are_no_error() -> None:
    assert machine(state="warping", quantumCores=7).state == "warping"


def test_what_is_missing_or_wrong_is_named() -> None:
    with pytest.raises(UnexpectedAnswer, match=r"GET /machines/ps1: .* missing or wrong: state, cpus"):
        parse(Machine, {"id": "ps1", "name": "ada", "cpus": "eight"}, "GET /machines/ps1")


def test_null_is_no_machine() -> None:
    with pytest.raises(UnexpectedAnswer, match="all of it"):
        parse(Machine, None, "GET /machines/ps1")


@pytest.mark.parametrize(
    ("fields", "failed"),
    [
        ({"state": "done"}, False),
        ({"state": "error", "error": None, "dtFinished": "2026-11-24T10:00:00Z"}, False),
        ({"state": "error", "error": "no host", "dtFinished": "2026-11-24T10:00:00Z"}, True),
        ({"state": "error", "error": None, "dtFinished": None}, True),
        ({"state": "cancelled", "dtFinished": "2026-11-24T10:00:00Z"}, True),
        ({"state": "in progress"}, False),
    ],
)
def test_an_event_in_error_without_a_text_can_be_a_success(fields: dict[str, Any], failed: bool) -> None:
    event = parse(MachineEvent, {"id": "ev1", **fields}, "GET /machine-events/ev1")
    assert bool(event.failure) is failed


@pytest.mark.parametrize(("total", "size"), [(53687091200, 50), (107374182400, 100), (None, None), (7, None)])
def test_the_disk_size_comes_back_in_the_sizes_that_are_sold(total: int | None, size: int | None) -> None:
    assert disk_size_of(machine(storageTotal=total)) == size


def test_the_rates_of_the_api_count_more_than_the_list() -> None:
    outputs = outputs_of(
        machine(usageRate=0.40, storageRate=6),
        {},
        api_url="u",
        team_id=None,
        template_id=None,
        startup_script_id=None,
    )
    assert (outputs["hourly_rate"], outputs["monthly_fixed"]) == (0.40, 9.0)


def test_kept_auto_snapshots_are_part_of_what_is_billed_while_off() -> None:
    kept = machine(autoSnapshotEnabled=True, autoSnapshotFrequency="daily", autoSnapshotSaveCount=3)
    assert monthly_fixed_of(kept) == 5 + 3 + 3 * 1.0


def test_without_rates_the_list_is_used() -> None:
    silent = machine(usageRate=None, storageRate=0)
    outputs = outputs_of(silent, {}, api_url="u", team_id=None, template_id=None, startup_script_id=None)
    assert (outputs["hourly_rate"], outputs["monthly_fixed"]) == (0.45, 8.0)


def test_a_storage_rate_by_the_hour_is_counted_as_a_month() -> None:
    assert monthly_fixed_of(machine(storageRate=5 / 672)) == pytest.approx(8.0)


def test_gpus_are_named_with_their_number() -> None:
    assert gpu_of(machine()) == "Quadro M4000"
    assert gpu_of(machine(accelerators=[{"name": "P4000", "count": 2}])) == "2 x P4000"
    assert gpu_of(machine(accelerators=None)) is None
