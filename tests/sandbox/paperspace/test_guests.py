"""What the API asks of the machines behind it, and what it makes of their failures."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from sandbox.paperspace.guests import NoGuests
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.sandbox.paperspace.conftest import Api, Serve


class RecordingGuests(NoGuests):
    """Notes every call; a boot fails with `failure`, and waits for `may_boot`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str]] = []
        self.boots: list[dict[str, Any]] = []
        self.failure: Exception | None = None
        self.begun = threading.Event()
        self.may_boot = threading.Event()
        self.may_boot.set()

    def boot(self, machine_id: str, **arguments: Any) -> None:
        self.begun.set()
        assert self.may_boot.wait(30)
        if self.failure:
            raise self.failure
        self.calls.append(("boot", machine_id))
        self.boots.append(arguments)
        super().boot(machine_id, **arguments)

    def halt(self, machine_id: str) -> None:
        self.calls.append(("halt", machine_id))
        super().halt(machine_id)

    def delete(self, machine_id: str) -> None:
        self.calls.append(("delete", machine_id))
        super().delete(machine_id)


@pytest.fixture
def guests() -> RecordingGuests:
    return RecordingGuests()


@pytest.fixture
def api(serve: Serve, guests: RecordingGuests) -> Api:
    return serve(guests)


def test_a_boot_gets_template_address_password_and_script(api: Api, guests: RecordingGuests) -> None:
    script_id = api.post("/startup-scripts", name="a", script="true")["id"]
    machine = api.running(startupScriptId=script_id)
    [mail] = api.sandbox.mail()
    assert guests.boots == [
        {
            "template": "fast.ai",
            "address": machine["publicIp"],
            "password": mail["password"],
            "startup_script": "true",
        }
    ]


@pytest.mark.parametrize(("once", "second"), [(True, None), (False, "true")])
def test_a_run_once_script_is_given_to_the_first_boot_only(
    api: Api, guests: RecordingGuests, once: bool, second: str | None
) -> None:
    script_id = api.post("/startup-scripts", name="a", script="true", isRunOnce=once)["id"]
    machine_id = api.running(startupScriptId=script_id)["id"]
    api.patch(f"/machines/{machine_id}/restart")
    api.sandbox.advance(1)
    api.later(machine_id, "ready")
    assert [boot["startup_script"] for boot in guests.boots] == ["true", second]


def test_a_disabled_script_does_not_run_and_several_run_as_one(api: Api, guests: RecordingGuests) -> None:
    machine_id = api.stopped()["id"]
    for number in range(3):
        script_id = api.post("/startup-scripts", name=str(number), script=f"echo {number}")["id"]
        api.post(f"/startup-scripts/{script_id}/assign", machineId=machine_id)
    api.put(f"/startup-scripts/{script_id}", isEnabled=False)
    api.patch(f"/machines/{machine_id}/start")
    api.later(machine_id, "ready")
    text = guests.boots[0]["startup_script"]
    assert text.startswith("#!/bin/sh\n")
    assert text.count("base64 -d") == 2


def test_stop_restart_and_delete_reach_the_guest(api: Api, guests: RecordingGuests) -> None:
    machine_id = api.running()["id"]
    api.patch(f"/machines/{machine_id}/restart")
    api.sandbox.advance(1)
    api.later(machine_id, "ready")
    api.patch(f"/machines/{machine_id}/stop")
    api.later(machine_id, "off")
    api.delete(f"/machines/{machine_id}")
    api.sandbox.advance(1)
    assert [name for name, _ in guests.calls] == ["boot", "halt", "boot", "halt", "delete"]


def test_a_boot_that_raises_ends_the_event_in_error_and_the_machine_off(
    api: Api, guests: RecordingGuests
) -> None:
    guests.failure = OSError("address in use")
    answer = api.create(publicIpType="dynamic")
    machine = api.later(answer["data"]["id"], "off")
    event = api.get(f"/machine-events/{answer['event']['id']}")
    assert (event["state"], event["error"]) == ("error", "OSError: address in use")
    assert machine["publicIp"] is None
    guests.failure = None
    api.patch(f"/machines/{machine['id']}/start")
    api.later(machine["id"], "ready")


def test_the_api_answers_while_a_machine_boots_and_another_boots_beside_it(
    serve: Serve, guests: RecordingGuests
) -> None:
    api = serve(guests, clock="seconds", provision=0)
    guests.may_boot.clear()
    ids = [api.create(name=str(number))["data"]["id"] for number in range(2)]
    assert {api.get(f"/machines/{machine_id}")["state"] for machine_id in ids} == {"provisioning"}
    assert not api.sandbox.settle(0)
    guests.may_boot.set()
    assert api.sandbox.settle()
    assert {api.get(f"/machines/{machine_id}")["state"] for machine_id in ids} == {"ready"}


def test_a_machine_deleted_while_it_boots_is_deleted_when_the_boot_is_done(
    serve: Serve, guests: RecordingGuests
) -> None:
    api = serve(guests, clock="seconds", provision=0, delete=0)
    guests.may_boot.clear()
    machine_id = api.create()["data"]["id"]
    assert guests.begun.wait(30)
    api.delete(f"/machines/{machine_id}")
    guests.may_boot.set()
    assert api.sandbox.settle()
    assert guests.calls[-1] == ("delete", machine_id)
    assert (api.get("/machines")["items"], guests.running()) == ([], set())


@pytest.mark.parametrize(("switch", "state"), [("stays-ready", "ready"), ("becomes-off", "off")])
def test_a_shutdown_inside_the_machine_follows_the_switch(serve: Serve, switch: str, state: str) -> None:
    api = serve(in_guest_poweroff=switch)
    machine_id = api.running(publicIpType="dynamic")["id"]
    api.sandbox.powered_off_inside(machine_id)
    assert (api.later(machine_id, state)["publicIp"] is None) == (state == "off")


def test_a_machine_that_stops_by_itself_is_off_at_once(api: Api, guests: RecordingGuests) -> None:
    machine_id = api.running()["id"]
    api.sandbox.power_off(machine_id)
    assert api.get(f"/machines/{machine_id}")["state"] == "off"
    assert guests.running() == set()


def test_moving_a_static_address_boots_the_running_guest_there(api: Api, guests: RecordingGuests) -> None:
    machine_id = api.running(publicIpType="dynamic")["id"]
    address = api.post("/public-ips", region="ny2")["ip"]
    api.put(f"/public-ips/{address}", machineId=machine_id)
    api.later(machine_id, "ready")
    assert guests.boots[-1]["address"] == address
    assert guests.boots[-1]["startup_script"] is None


def test_a_script_that_moving_an_address_may_have_cut_off_is_begun_again(
    api: Api, guests: RecordingGuests
) -> None:
    script_id = api.post("/startup-scripts", name="a", script="true", isRunOnce=False)["id"]
    machine_id = api.running(publicIpType="dynamic", startupScriptId=script_id)["id"]
    waiting = api.post("/startup-scripts", name="b", script="false", isRunOnce=False)["id"]
    api.post(f"/startup-scripts/{waiting}/assign", machineId=machine_id)
    address = api.post("/public-ips", region="ny2")["ip"]
    api.put(f"/public-ips/{address}", machineId=machine_id)
    api.later(machine_id, "ready")
    assert guests.boots[-1]["address"] == address
    assert guests.boots[-1]["startup_script"] == "true"


def test_a_restarted_sandbox_boots_what_ran_and_finishes_what_was_going_on(tmp_path: Path) -> None:
    first, second = RecordingGuests(), RecordingGuests()
    settings = SandboxSettings.manual()
    with Sandbox(tmp_path, settings, first) as sandbox:
        api = Api(sandbox)
        ready, stopped = api.running(name="on"), api.stopped(name="off")
        going_on = api.create(name="new")["data"]["id"]
        api.session.close()
    assert first.running() == set()
    with Sandbox(tmp_path, None, second) as sandbox:
        api = Api(sandbox)
        assert second.calls == [("boot", ready["id"])]
        assert second.boots[0]["address"] == ready["publicIp"]
        assert api.get(f"/machines/{stopped['id']}")["state"] == "off"
        api.later(going_on, "ready")
        api.session.close()


def test_a_run_once_script_runs_at_the_boot_of_a_restarted_sandbox_and_not_again(tmp_path: Path) -> None:
    settings = SandboxSettings.manual()
    with Sandbox(tmp_path, settings) as sandbox:
        api = Api(sandbox)
        machine_id = api.running()["id"]
        script = api.post("/startup-scripts", name="a", script="true", isRunOnce=True)
        api.post(f"/startup-scripts/{script['id']}/assign", machineId=machine_id)
        api.session.close()
    given = []
    for _ in range(2):
        guests = RecordingGuests()
        with Sandbox(tmp_path, None, guests):
            given.append(guests.boots[0]["startup_script"])
    assert given == ["true", None]


def test_a_machine_that_does_not_boot_again_is_off(tmp_path: Path) -> None:
    with Sandbox(tmp_path, SandboxSettings.manual()) as sandbox:
        api = Api(sandbox)
        machine_id = api.running()["id"]
        api.session.close()
    guests = RecordingGuests()
    guests.failure = OSError("address in use")
    with Sandbox(tmp_path, None, guests) as sandbox:
        [machine] = sandbox.state()["machines"]
        assert (machine["id"], machine["state"], machine["guestAddress"]) == (machine_id, "off", None)
