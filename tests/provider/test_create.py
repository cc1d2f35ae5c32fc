"""create(): one machine as ordered, found again after any interruption, nothing left after a failure."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from provider import adoption, lifecycle
from provider.client import PaperspaceClient
from provider.errors import (
    Ambiguous,
    InvalidInput,
    LeftBehind,
    NothingAvailable,
    PaperspaceError,
    WaitTimeout,
)
from provider.inputs import MachineInputs
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.provider.life import Life, inputs, text_digest


def test_the_machine_is_as_ordered(life: Life) -> None:
    machine = life.create(
        disk_size=100,
        auto_snapshot={"enabled": True, "frequency": "weekly", "keep": 2},
        auto_shutdown={"hours": 24, "force": True},
    )
    expected = {
        "name": MachineInputs.model_validate(inputs()).wire_name,
        "state": "ready",
        "machineType": "GPU+",
        "region": "East Coast (NY2)",
        "diskSize": 100,
        "publicIpType": "static",
        "autoSnapshotEnabled": True,
        "autoSnapshotFrequency": "weekly",
        "autoSnapshotSaveCount": 2,
        "autoShutdownEnabled": True,
        "autoShutdownTimeout": 24,
        "autoShutdownForce": True,
    }
    assert {key: machine[key] for key in expected} == expected


def test_the_outputs_are_what_the_machine_is(life: Life) -> None:
    machine = life.create()
    found = life.outputs
    assert found | inputs() == found
    assert found["api_url"] == life.client.url
    assert (found["region"], found["machine_type"]) == ("East Coast (NY2)", "M4000")
    assert (found["public_ip"], found["private_ip"]) == (machine["publicIp"], machine["privateIp"])
    assert (found["os"], found["cpus"], found["ram_gb"], found["gpu"]) == ("Fast.ai", 8, 30, "M4000")
    assert (found["hourly_rate"], found["monthly_fixed"]) == (0.45, 8.0)
    assert (found["template_id"], found["created_at"]) == ("tzd1e8km", machine["dtCreated"])
    life.assert_world_is_as_state_says()


def test_the_script_has_the_machines_name_and_is_assigned_to_it(life: Life) -> None:
    machine = life.create(startup_script="#!/bin/sh\necho hello\n")
    [script] = life.startup_scripts
    assert (script["name"], script["assignedMachineIds"]) == (machine["name"], [machine["id"]])
    assert script["scriptSha256"] == text_digest("#!/bin/sh\necho hello\n")


def test_a_machine_may_be_made_switched_off(life: Life) -> None:
    assert life.create(power="stopped")["state"] == "off"
    assert life.outputs["power"] == "stopped"


def test_after_an_interrupted_run_the_same_machine_is_adopted(life: Life) -> None:
    first = life.create()
    assert life.create()["id"] == first["id"]
    life.assert_world_is_as_state_says()


def test_an_adopted_machine_is_brought_to_the_inputs(life: Life) -> None:
    life.create()
    machine = life.create(disk_size=100, startup_script="#!/bin/sh\nfalse\n")
    assert (machine["diskSize"], machine["state"]) == (100, "ready")
    assert life.startup_scripts[0]["scriptSha256"] == text_digest("#!/bin/sh\nfalse\n")


@pytest.mark.parametrize(
    "change", [{"identity": "SHA256:eve"}, {"template": "tkni3aa4"}, {"name": "fastai-eve"}]
)
def test_a_machine_of_another_stack_is_not_adopted(change: dict[str, str], life: Life) -> None:
    first = life.create()
    assert life.create(**change)["id"] != first["id"]
    assert len(life.machines) == 2


def test_a_machine_where_it_is_no_longer_wanted_is_not_adopted(life: Life) -> None:
    first = life.create()
    assert life.create(regions=["ams1"])["id"] != first["id"]


def test_a_machine_that_this_process_adopted_survives_the_delete_of_its_older_entry(life: Life) -> None:
    older = life.create()
    old_outputs = life.outputs
    life.create()
    lifecycle.delete(life.client, older["id"], old_outputs, life.time.waiter())
    life.assert_world_is_as_state_says()
    adoption.forget_all()
    life.delete()
    life.assert_world_is_as_state_says()


def test_two_runs_at_once_end_with_one_machine(life: Life) -> None:
    found: list[str] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        found.append(lifecycle.make(life.client, inputs(), life.time.waiter())[0])

    runs = [threading.Thread(target=run) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    [machine] = life.machines
    assert found == [machine["id"]] * 2
    assert len(life.startup_scripts) == len(life.public_ips) == 1


def order_another(life: Life, region: str) -> str:
    """A machine as an interrupted run leaves it: of this stack's name, and in no state."""
    first = life.create()
    body = {
        "name": first["name"],
        "machineType": "GPU+",
        "templateId": "tzd1e8km",
        "diskSize": 50,
        "region": region,
        "publicIpType": "static",
    }
    return str(life.client.post("/machines", body)["data"]["id"])


def test_of_several_machines_of_the_name_none_is_taken_or_deleted_by_guess(life: Life) -> None:
    second = order_another(life, "ny2")
    before = [machine["id"] for machine in life.machines]
    with pytest.raises(Ambiguous, match="delete the other with `pspace machine delete") as told:
        life.create()
    for each in before:
        assert f"{each}: M4000 in East Coast (NY2), " in str(told.value)
    assert [machine["id"] for machine in life.machines] == before == [life.id, second]


def test_a_machine_of_the_name_that_the_configuration_does_not_allow_is_told(life: Life) -> None:
    other = order_another(life, "ams1")
    life.create()
    [told] = life.time.warned
    assert f"machine {other} (M4000 in Europe (AMS1)" in told
    assert f"pspace machine delete {other}" in told


def test_a_machine_that_never_comes_up_is_deleted_and_the_error_names_it(tmp_path: Path) -> None:
    with Sandbox(tmp_path, SandboxSettings.manual()) as stuck:
        life = Life(PaperspaceClient(stuck.api_key, stuck.url), stuck)

        def only_deletions_move_on(seconds: float) -> None:
            if any(machine["isBeingDeleted"] for machine in life.machines):
                stuck.advance(seconds)

        life.time.on_sleep = only_deletions_move_on
        with pytest.raises(WaitTimeout, match=r"create event ev\w+ is still 'in progress' after 18\d\d s"):
            life.create()
        life.assert_world_is_as_state_says()


def test_adopting_takes_a_machine_of_any_name_over(life: Life) -> None:
    stray = life.client.post(
        "/machines",
        {"name": "by-hand", "machineType": "GPU+", "templateId": "tzd1e8km", "diskSize": 50, "region": "ny2"},
    )["data"]["id"]
    machine = life.create(adopt=stray)
    assert machine["id"] == stray
    assert machine["name"] == MachineInputs.model_validate(inputs()).wire_name
    assert life.startup_scripts[0]["assignedMachineIds"] == [stray]
    life.assert_world_is_as_state_says()


def test_what_an_adoption_would_change_is_told_before(life: Life) -> None:
    machine = life.create()
    _, problems = lifecycle.check(
        lambda: life.client, {}, inputs(adopt=machine["id"], disk_size=100), life.time.waiter()
    )
    assert problems == []
    assert f"machine {machine['id']} (M4000 in East Coast (NY2), ready) will be adopted" in life.time.said[-1]
    assert "this changes diskSize" in life.time.said[-1]


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"adopt": "psnone"}, "no machine 'psnone'"), ({"regions": ["ams1"]}, "not among machine_types")],
)
def test_what_cannot_be_adopted_is_refused_before_anything_is_made(
    changes: dict[str, str], text: str, life: Life
) -> None:
    machine = life.create()
    wanted = inputs(**{"adopt": machine["id"], **changes})
    _, [problem] = lifecycle.check(lambda: life.client, {}, wanted, life.time.waiter())
    assert problem.key == "adopt"
    assert text in problem.text
    with pytest.raises(InvalidInput, match=text):
        lifecycle.make(life.client, wanted, life.time.waiter())
    assert len(life.machines) == 1


def test_a_disk_that_would_have_to_shrink_is_not_adopted(life: Life) -> None:
    life.create(disk_size=100)
    with pytest.raises(InvalidInput, match="has 100 GB and cannot shrink; set disk_size to 100"):
        life.create(disk_size=50)
    assert len(life.machines) == 1


def test_a_refusal_of_the_order_leaves_nothing(life: Life) -> None:
    life.sandbox.change_settings(max_machines=0)
    with pytest.raises(NothingAvailable, match="limit of 0 machines"):
        life.create()
    life.assert_world_is_as_state_says()


def test_an_unknown_network_leaves_nothing(life: Life) -> None:
    with pytest.raises(PaperspaceError, match="etwork"):
        life.create(network="nxnone")
    life.assert_world_is_as_state_says()


@pytest.mark.parametrize("power", ["running", "stopped"])
def test_a_machine_whose_delete_was_interrupted_is_not_adopted_but_waited_out(power: str, life: Life) -> None:
    first = life.create(power=power)
    life.sandbox.change_settings(reads=8)
    life.client.delete(f"/machines/{first['id']}")
    assert life.create()["id"] != first["id"]
    assert [machine["id"] for machine in life.machines] == [life.id]


def test_of_two_scripts_of_one_name_the_older_is_kept(life: Life) -> None:
    name = MachineInputs.model_validate(inputs()).wire_name
    body = {"name": name, "script": "#!/bin/sh\n"}
    older, _ = (life.client.post("/startup-scripts", body)["id"] for _ in range(2))
    life.create()
    assert [script["id"] for script in life.startup_scripts] == [older]
    life.assert_world_is_as_state_says()


def test_an_unknown_network_is_no_sign_that_the_adopted_machine_is_gone(life: Life) -> None:
    first = life.create()
    with pytest.raises(PaperspaceError, match="etwork"):
        life.create(network="nxnone")
    assert [machine["id"] for machine in life.machines] == [first["id"]]


def test_when_the_clean_up_fails_too_the_error_names_what_is_billed_and_the_next_run_goes_on_with_it(
    life: Life,
) -> None:
    life.fault("GET /machine-events/{id}", "status", status=403, message="account flagged")
    life.fault("DELETE /machines/{id}", "status", status=500, times=9)
    with pytest.raises(LeftBehind, match="account flagged") as caught:
        life.create()
    [machine] = life.machines
    assert f"pspace machine delete {machine['id']}" in str(caught.value)
    life.sandbox.clear_faults()
    assert life.create()["id"] == machine["id"]
    life.assert_world_is_as_state_says()
