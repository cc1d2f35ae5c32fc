"""PUT /machines/{id}: in place, with an event for hardware, and its quirks (paperspace-api.md 1.5)."""

from __future__ import annotations

import pytest

from tests.sandbox.paperspace.conftest import Api, Serve


def test_a_plain_change_is_made_at_once_without_an_event(api: Api) -> None:
    machine_id = api.running()["id"]
    answer = api.put(
        f"/machines/{machine_id}", name="ben", autoSnapshotEnabled=True, autoSnapshotFrequency="daily"
    )
    assert "event" not in answer
    machine = api.get(f"/machines/{machine_id}")
    assert (machine["name"], machine["autoSnapshotFrequency"]) == ("ben", "daily")


def test_a_resize_needs_the_machine_off_and_ends_off(api: Api) -> None:
    machine_id = api.running()["id"]
    wanted = {"diskSize": 100, "machineType": "A4000"}
    assert "must be off" in api.refused("PUT", f"/machines/{machine_id}", json=wanted)[2]
    api.patch(f"/machines/{machine_id}/stop")
    api.later(machine_id, "off")
    answer = api.put(f"/machines/{machine_id}", **wanted)
    assert (answer["event"]["name"], answer["data"]["state"]) == ("vm-upgrade", "upgrading")
    machine = api.later(machine_id, "off")
    assert (machine["machineType"], machine["storageTotal"]) == ("A4000", str(100 * 1024**3))
    assert (machine["usageRate"], machine["storageRate"]) == (0.76, 7)


@pytest.mark.parametrize(
    "change",
    [{"diskSize": 50}, {"machineType": "C5"}, {"machineType": "RTX9000"}, {"diskSize": 101}],
    ids=["smaller disk", "another family", "no such type", "no such size"],
)
def test_a_resize_that_cannot_be_is_refused(api: Api, change: dict) -> None:
    machine_id = api.stopped(diskSize=100)["id"]
    assert api.refused("PUT", f"/machines/{machine_id}", json=change)[:2] == (400, "BAD_REQUEST")
    assert api.get(f"/machines/{machine_id}")["state"] == "off"


def test_the_present_type_and_size_are_no_change(api: Api) -> None:
    machine_id = api.running()["id"]
    assert "event" not in api.put(f"/machines/{machine_id}", machineType="gpu+", diskSize=50)


def test_a_new_auto_shutdown_timeout_is_lost_unless_it_was_disabled_first(api: Api) -> None:
    path = f"/machines/{api.running(autoShutdownEnabled=True, autoShutdownTimeout=8)['id']}"
    on = {"autoShutdownEnabled": True, "autoShutdownTimeout": 24}
    assert api.put(path, **on)["data"]["autoShutdownTimeout"] == 8
    assert api.put(path, autoShutdownEnabled=False)["data"]["autoShutdownEnabled"] is False
    assert api.put(path, **on)["data"]["autoShutdownTimeout"] == 24


def test_a_new_auto_shutdown_timeout_is_taken_with_the_switch_off(serve: Serve) -> None:
    api = serve(auto_shutdown_needs_toggle=False)
    path = f"/machines/{api.running(autoShutdownEnabled=True, autoShutdownTimeout=8)['id']}"
    assert api.put(path, autoShutdownTimeout=24)["data"]["autoShutdownTimeout"] == 24


def test_auto_shutdown_stops_the_machine_when_its_time_is_over(api: Api) -> None:
    machine_id = api.running(autoShutdownEnabled=True, autoShutdownTimeout=8)["id"]
    api.sandbox.advance(8 * 3600 - 1)
    assert api.get(f"/machines/{machine_id}")["state"] == "ready"
    api.sandbox.advance(1)
    assert api.get(f"/machines/{machine_id}")["state"] == "stopping"
    api.later(machine_id, "off")


def test_auto_shutdown_never_fires_where_the_switch_says_so(serve: Serve) -> None:
    api = serve(auto_shutdown_fires=False)
    machine_id = api.running(autoShutdownEnabled=True, autoShutdownTimeout=1)["id"]
    api.sandbox.advance(7200)
    api.later(machine_id, "ready")


@pytest.mark.parametrize("change", [{"autoShutdownEnabled": False}, {"publicIpType": "dynamic"}])
def test_the_documented_limits_hold_where_the_switch_says_so(serve: Serve, change: dict) -> None:
    api = serve(update_of_documented_limits="rejected")
    machine_id = api.running()["id"]
    assert api.refused("PUT", f"/machines/{machine_id}", json=change)[0] == 400
    assert api.get(f"/machines/{machine_id}")["publicIpType"] == "static"


def test_a_machine_that_is_being_deleted_takes_no_change(api: Api) -> None:
    machine_id = api.running()["id"]
    api.delete(f"/machines/{machine_id}")
    assert api.refused("PUT", f"/machines/{machine_id}", json={"name": "x"})[:2] == (409, "CONFLICT")
    assert api.refused("PATCH", f"/machines/{machine_id}/start")[:2] == (409, "CONFLICT")


def test_compute_is_billed_while_off_only_where_the_switch_says_so(serve: Serve) -> None:
    for switch, billed in ((False, 0), (True, 0.45)):
        api = serve(billed_while_off=switch)
        api.stopped()
        assert api.sandbox.state()["per_hour"]["compute"] == billed
