"""read(): each property that the API returns shows its drift in the words of the inputs."""

from __future__ import annotations

from typing import Any

import pytest

from provider.errors import NotFound, UnexpectedAnswer
from tests.provider.life import ANNA, Life, inputs


@pytest.mark.parametrize(
    ("outside", "seen"),
    [
        ({"name": "renamed"}, {"name": "renamed"}),
        ({"publicIpType": "dynamic"}, {"public_ip_type": "dynamic"}),
        (
            {"autoSnapshotEnabled": True, "autoSnapshotFrequency": "monthly", "autoSnapshotSaveCount": 4},
            {"auto_snapshot": {"enabled": True, "frequency": "monthly", "keep": 4}},
        ),
        ({"autoShutdownEnabled": False}, {"auto_shutdown": {"hours": 0, "force": False}}),
    ],
)
def test_drift_shows_in_the_property_it_concerns_and_in_no_other(
    outside: dict[str, Any], seen: dict[str, Any], life: Life
) -> None:
    life.create()
    life.client.put(f"/machines/{life.id}", outside)
    assert life.refresh() == inputs() | seen
    life.update()
    assert life.refresh() == inputs()


@pytest.mark.parametrize(
    ("outside", "seen"),
    [({"machineType": "P6000"}, {"machine_types": ["P6000"]}), ({"diskSize": 250}, {"disk_size": 250})],
)
def test_a_resize_by_somebody_else_shows(outside: dict[str, Any], seen: dict[str, Any], life: Life) -> None:
    life.create(power="stopped")
    life.client.put(f"/machines/{life.id}", outside)
    life.settle()
    assert life.refresh() == inputs(power="stopped") | seen


def test_a_machine_that_was_switched_off_shows_as_power(life: Life) -> None:
    life.create()
    life.sandbox.power_off(str(life.id))
    assert life.refresh() == inputs(power="stopped")
    assert life.outputs["state"] == "off"
    assert life.update()["state"] == "ready"


def test_without_drift_the_inputs_come_back_as_they_were(life: Life) -> None:
    life.create()
    before = life.outputs
    assert life.refresh() == inputs()
    assert life.outputs == before


def test_a_static_address_that_somebody_took_away_is_replaced_and_given_back(life: Life) -> None:
    lost = life.create()["publicIp"]
    life.client.put(f"/machines/{life.id}", {"publicIpType": "none"})
    life.refresh()
    assert life.outputs["static_ips"] == [lost]
    assert life.update()["publicIp"] != lost
    life.assert_world_is_as_state_says()
    assert life.outputs["static_ips"] == [life.outputs["public_ip"]]


def test_what_the_machine_became_counts_not_the_order_of_wishes(life: Life) -> None:
    wishes = {"machine_types": ["P4000", "M4000"], "regions": ["ams1", "ny2"]}
    life.create()
    life.update(**wishes)
    assert life.refresh() == inputs(**wishes)


def test_reading_never_writes(life: Life) -> None:
    life.create(accessors=[])
    before = dict(life.requests)
    life.refresh()
    asked = {verb: count - before.get(verb, 0) for verb, count in life.requests.items()}
    assert {verb: count for verb, count in asked.items() if count} == {
        "GET /machines/{id}": 1,
        "GET /startup-scripts/{id}": 1,
    }


def test_a_machine_that_is_gone_reads_as_gone(life: Life) -> None:
    life.create()
    life.client.delete(f"/machines/{life.id}")
    life.settle()
    assert life.refresh() is None


def test_an_accessor_that_somebody_removed_shows(life: Life) -> None:
    first = ANNA
    life.create(accessors=[first])
    life.client.delete(f"/machines/{life.id}/accessors/{first}")
    observed = life.refresh()
    assert observed
    assert observed["accessors"] == []


def test_one_answer_that_the_machine_is_gone_is_not_believed_while_it_is_listed(life: Life) -> None:
    life.create()
    life.sandbox.add_fault("GET /machines/{id}", "status", status=404, times=1)
    with pytest.raises(UnexpectedAnswer, match=f"still lists machine {life.id}"):
        life.refresh()
    assert life.refresh() == inputs()


def test_the_address_of_a_machine_that_is_gone_is_told_while_it_is_billed(life: Life) -> None:
    ip = life.create()["publicIp"]
    life.client.delete(f"/machines/{life.id}")
    life.settle()
    assert life.refresh() is None
    [told] = life.time.warned
    assert f"pspace public-ip release {ip}" in told


def test_accessors_that_cannot_be_read_do_not_make_the_machine_look_gone(life: Life) -> None:
    life.create(accessors=[ANNA])
    life.sandbox.add_fault("GET /machines/{id}/accessors", "status", status=404, times=1)
    with pytest.raises(NotFound):
        life.refresh()
