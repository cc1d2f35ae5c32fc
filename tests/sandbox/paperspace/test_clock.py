"""The three clocks (models.md 3: immediate, by reads, by time)."""

from __future__ import annotations

import time

from tests.sandbox.paperspace.conftest import Api, Serve


def states(api: Api, path: str, reads: int) -> list[str]:
    return [api.get(path)["state"] for _ in range(reads)]


def test_by_reads_of_the_machine(serve: Serve) -> None:
    api = serve(clock="reads", reads=2)
    machine_id = api.create()["data"]["id"]
    assert states(api, f"/machines/{machine_id}", 3) == ["provisioning", "provisioning", "ready"]


def test_by_reads_of_the_event(serve: Serve) -> None:
    api = serve(clock="reads", reads=2)
    event_id = api.create()["event"]["id"]
    assert states(api, f"/machine-events/{event_id}", 3) == ["in progress", "in progress", "done"]


def test_by_reads_of_the_list(serve: Serve) -> None:
    api = serve(clock="reads", reads=1)
    api.create()
    seen = [api.get("/machines")["items"][0]["state"] for _ in range(2)]
    assert seen == ["provisioning", "ready"]


def test_time_does_not_move_a_machine_that_waits_for_reads(serve: Serve) -> None:
    api = serve(clock="reads", reads=1)
    machine_id = api.create()["data"]["id"]
    api.sandbox.advance(3600)
    assert states(api, f"/machines/{machine_id}", 2) == ["provisioning", "ready"]


def test_a_manual_clock_stands_still_and_stamps_what_it_shows(api: Api) -> None:
    first, second = api.create()["data"], api.create()["data"]
    assert first["dtCreated"] == second["dtCreated"]
    api.sandbox.advance(1)
    assert api.create()["data"]["dtCreated"] > first["dtCreated"]


def test_seconds_pass_by_themselves(serve: Serve) -> None:
    api = serve(clock="seconds", provision=0.05)
    machine_id = api.create()["data"]["id"]
    deadline = time.monotonic() + 10
    while api.get(f"/machines/{machine_id}")["state"] != "ready":
        assert time.monotonic() < deadline


def test_wall_time_can_be_moved_on_too(serve: Serve) -> None:
    api = serve(clock="seconds", provision=3600)
    machine_id = api.create()["data"]["id"]
    assert api.get(f"/machines/{machine_id}")["state"] == "provisioning"
    api.sandbox.advance(3600)
    assert api.get(f"/machines/{machine_id}")["state"] == "ready"


def test_a_long_step_of_the_clock_passes_through_every_transition(api: Api) -> None:
    machine_id = api.running()["id"]
    event_id = api.patch(f"/machines/{machine_id}/restart")["event"]["id"]
    api.later(machine_id, "restarting")
    api.later(machine_id, "ready")
    assert api.get(f"/machine-events/{event_id}")["state"] == "done"
