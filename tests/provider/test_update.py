"""update(): each row of the design's table, in place, with the sandbox's own state as the witness."""

from __future__ import annotations

from typing import Any

import pytest

from provider.client import Json, PaperspaceClient
from provider.errors import ApiError, MachineGone, NotApplied, StartFailed
from provider.inputs import MachineInputs
from tests.provider.life import ANNA, BEN, Life, inputs, text_digest


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"public_ip_type": "dynamic"}, {"publicIpType": "dynamic"}),
        ({"public_ip_type": "none"}, {"publicIpType": "none", "publicIp": None}),
        (
            {"auto_snapshot": {"enabled": True, "frequency": "hourly", "keep": 3}},
            {"autoSnapshotEnabled": True, "autoSnapshotFrequency": "hourly", "autoSnapshotSaveCount": 3},
        ),
        ({"auto_shutdown": {"hours": 0}}, {"autoShutdownEnabled": False}),
        ({"auto_shutdown": {"hours": 168}}, {"autoShutdownEnabled": True, "autoShutdownTimeout": 168}),
        ({"auto_shutdown": {"hours": 8, "force": True}}, {"autoShutdownForce": True}),
        ({"disk_size": 250}, {"diskSize": 250}),
        ({"machine_types": ["P5000"]}, {"machineType": "P5000"}),
        ({"power": "stopped"}, {"state": "off"}),
        ({"name": "fastai-eve"}, {"name": MachineInputs.model_validate(inputs(name="fastai-eve")).wire_name}),
        ({"disk_size": 100, "machine_types": ["P4000"], "power": "stopped"}, {"state": "off"}),
    ],
)
def test_each_change_is_made_in_place_and_taken_back(
    change: dict[str, Any], expected: dict[str, Any], life: Life
) -> None:
    before = life.create()
    changed = life.update(**change)
    assert changed | expected == changed
    assert (changed["id"], changed["dtCreated"]) == (before["id"], before["dtCreated"])
    assert life.outputs | inputs(**change) == life.outputs
    life.assert_world_is_as_state_says()
    if "disk_size" not in change:
        life.update()
        life.assert_world_is_as_state_says()


def test_a_running_machine_is_stopped_resized_and_started_again(life: Life) -> None:
    life.create()
    assert life.update(disk_size=100)["state"] == "ready"
    counts = life.requests
    assert [counts[f"PATCH /machines/{{id}}/{verb}"] for verb in ("stop", "start")] == [1, 1]
    assert counts["PUT /machines/{id}"] == 1


def test_a_machine_that_is_off_is_resized_and_stays_off(life: Life) -> None:
    life.create(power="stopped")
    assert life.update(power="stopped", disk_size=100)["state"] == "off"
    assert "PATCH /machines/{id}/start" not in {verb for verb, count in life.requests.items() if count}


def test_all_changes_go_out_in_one_put(life: Life) -> None:
    life.create(auto_shutdown={"hours": 0})
    life.update(
        name="fastai-eve",
        disk_size=100,
        machine_types=["P4000"],
        auto_snapshot={"enabled": True, "frequency": "daily", "keep": 1},
    )
    assert life.requests["PUT /machines/{id}"] == 1


def test_without_a_difference_nothing_is_written(life: Life) -> None:
    life.create()
    before = dict(life.requests)
    life.update(regions=["ams1", "ny2"])
    written = {verb for verb, count in life.requests.items() if count > before.get(verb, 0)}
    assert {verb.partition(" ")[0] for verb in written} == {"GET"}


def test_a_static_address_stays_the_same_over_stop_and_start(life: Life) -> None:
    address = life.create()["publicIp"]
    assert life.update(power="stopped")["publicIp"] == address
    assert life.update()["publicIp"] == address


def test_a_static_address_that_is_given_up_is_released(life: Life) -> None:
    life.create()
    life.update(public_ip_type="dynamic")
    assert life.public_ips == []


def test_a_new_script_text_is_written_and_keeps_its_id(life: Life) -> None:
    life.create()
    before = life.outputs["startup_script_id"]
    life.update(startup_script="#!/bin/sh\necho new\n")
    [script] = life.startup_scripts
    assert (script["id"], script["scriptSha256"]) == (before, text_digest("#!/bin/sh\necho new\n"))


def test_a_script_that_somebody_deleted_is_seen_and_made_again(life: Life) -> None:
    machine = life.create()
    life.client.delete(f"/startup-scripts/{life.outputs['startup_script_id']}")
    observed = life.refresh()
    assert observed
    assert observed["startup_script"] != inputs()["startup_script"]
    life.update()
    [script] = life.startup_scripts
    assert (script["id"], script["assignedMachineIds"]) == (
        life.outputs["startup_script_id"],
        [machine["id"]],
    )


def test_the_machine_moves_to_a_private_network(life: Life) -> None:
    life.create()
    network = life.client.post("/private-networks", {"name": "class", "region": "ny2"})["id"]
    assert life.update(network=network)["networkId"] == network
    assert life.outputs["network"] == network


def test_a_network_that_does_not_exist_is_an_error_about_the_network_not_about_the_machine(
    life: Life,
) -> None:
    life.create()
    with pytest.raises(ApiError, match="etwork") as caught:
        life.update(network="nxnone")
    assert not isinstance(caught.value, MachineGone)


def test_accessors_are_added_and_removed_and_others_are_left_alone(life: Life) -> None:
    first, second = ANNA, BEN
    machine = life.create(accessors=[first])
    assert machine["accessorIds"] == [first]
    assert life.update(accessors=[second])["accessorIds"] == [second]
    assert life.update(accessors=[])["accessorIds"] == []
    life.client.post(f"/machines/{life.id}/accessors", {"userId": first})
    assert life.update(accessors=[second])["accessorIds"] == [first, second]


def test_a_machine_that_is_gone_says_so(life: Life) -> None:
    life.create()
    life.client.delete(f"/machines/{life.id}")
    life.settle()
    with pytest.raises(MachineGone, match="pulumi refresh"):
        life.update(disk_size=100)


class SwallowingClient(PaperspaceClient):
    """An API that answers a PUT with the machine as it was."""

    def put(self, path: str, body: Json) -> Any:
        return {"data": self.get(path)} if path.startswith("/machines/") else super().put(path, body)


def test_a_change_that_the_api_swallows_is_an_error_not_a_success(life: Life) -> None:
    life.create()
    life.client = SwallowingClient(life.sandbox.api_key, life.sandbox.url)
    with pytest.raises(NotApplied, match="accepted the change and did not make it: autoSnapshotEnabled"):
        life.update(auto_snapshot={"enabled": True})


def test_new_hours_are_taken_although_the_api_loses_them_while_auto_shutdown_is_on(life: Life) -> None:
    life.sandbox.change_settings(auto_shutdown_needs_toggle=True)
    life.create(auto_shutdown={"hours": 8})
    assert life.update(auto_shutdown={"hours": 24, "force": True})["autoShutdownTimeout"] == 24


def test_an_update_refused_as_the_documentation_says_leaves_the_machine_as_it_was(life: Life) -> None:
    before = life.create()
    life.sandbox.change_settings(update_of_documented_limits="rejected")
    with pytest.raises(ApiError, match="Cannot be changed on an existing machine"):
        life.update(auto_snapshot={"enabled": True})
    assert life.machine() == before


def test_a_start_without_capacity_says_so_and_keeps_the_machine(life: Life) -> None:
    life.create(power="stopped")
    life.sandbox.set_capacity("GPU+", "ny2", silent_failure=True)
    with pytest.raises(StartFailed, match="capacity"):
        life.update()
    assert life.machine()["state"] == "off"


def test_an_update_that_failed_half_way_is_finished_by_the_next_one(life: Life) -> None:
    life.create()
    life.fault("PATCH /machines/{id}/start", "status", status=403)
    with pytest.raises(StartFailed):
        life.update(disk_size=100)
    assert life.update(disk_size=100)["state"] == "ready"
    life.assert_world_is_as_state_says()


def test_a_resize_that_the_api_refuses_leaves_the_machine_running_as_it_was(life: Life) -> None:
    before = life.create()
    life.fault("PUT /machines/{id}", "status", status=400)
    with pytest.raises(ApiError):
        life.update(disk_size=100)
    after = life.machine()
    assert (after["state"], after["diskSize"]) == (before["state"], before["diskSize"])


def test_the_new_type_is_one_that_the_region_offers(life: Life) -> None:
    life.create(regions=["ams1"])
    assert life.update(regions=["ams1"], machine_types=["RTX5000", "A4000"])["machineType"] == "A4000"
