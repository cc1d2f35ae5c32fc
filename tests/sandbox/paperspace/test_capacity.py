"""No capacity: said beforehand, at create, or not at all (paperspace-api.md 2.6)."""

from __future__ import annotations

from tests.sandbox.paperspace.conftest import NEW_MACHINE, Api, Serve


def available(api: Api, machine_type: str, region: str) -> bool:
    return api.get("/machine-availability", machineType=machine_type, region=region)["available"]


def test_availability_follows_the_catalogue(api: Api) -> None:
    assert available(api, "GPU+", "ny2")
    assert not available(api, "GPU+", "ca1")
    assert not available(api, "RTX9000", "ny2")
    assert api.refused("GET", "/machine-availability", params={"region": "ny2"})[0] == 400


def test_without_capacity_availability_is_false_and_create_is_refused(serve: Serve) -> None:
    api = serve(out_of_capacity="CONFLICT")
    api.sandbox.set_capacity("GPU+", "ny2", available=False)
    assert not available(api, "gpu+", "East Coast (NY2)")
    status, code, message = api.refused("POST", "/machines", json=NEW_MACHINE)
    assert (status, code) == (409, "CONFLICT")
    assert "out of capacity" in message
    api.create(region="ams1")


def test_a_silent_failure_is_taken_and_ends_off_without_an_error(api: Api) -> None:
    api.sandbox.set_capacity("GPU+", "ny2", silent_failure=True)
    answer = api.create()
    assert available(api, "GPU+", "ny2")
    api.later(answer["data"]["id"], "off")
    event = api.get(f"/machine-events/{answer['event']['id']}")
    assert (event["state"], event["error"]) == ("done", None)


def test_a_counted_silent_failure_is_over_at_the_next_start(api: Api) -> None:
    api.sandbox.set_capacity("GPU+", "ny2", silent_failure=1)
    machine_id = api.create()["data"]["id"]
    api.later(machine_id, "off")
    api.patch(f"/machines/{machine_id}/start")
    api.later(machine_id, "ready")


def test_a_restart_keeps_the_capacity_that_the_machine_has(api: Api) -> None:
    machine_id = api.running()["id"]
    api.sandbox.set_capacity("GPU+", "ny2", available=False)
    api.patch(f"/machines/{machine_id}/restart")
    api.sandbox.advance(1)
    api.later(machine_id, "ready")
