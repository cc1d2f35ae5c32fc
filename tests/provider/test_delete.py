"""delete(): the machine, its address and its script, in whatever state; nothing that is another's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provider import lifecycle
from provider.client import PaperspaceClient
from provider.errors import Unauthorized, WrongTeam
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.provider.life import Life


@pytest.mark.parametrize("power", ["running", "stopped"])
@pytest.mark.parametrize("while_running", [True, False])
def test_nothing_is_left(power: str, while_running: bool, life: Life) -> None:
    life.create(power=power)
    life.sandbox.change_settings(delete_while_running=while_running)
    life.delete()
    life.assert_world_is_as_state_says()


@pytest.mark.parametrize("while_running", [True, False])
def test_a_machine_that_is_still_provisioning_is_deleted_too(while_running: bool, life: Life) -> None:
    life.create()
    outputs = life.outputs
    life.delete()
    life.sandbox.change_settings(delete_while_running=while_running)
    body = {"name": "x", "machineType": "GPU+", "templateId": "tzd1e8km", "diskSize": 50, "region": "ny2"}
    made = life.client.post("/machines", body | {"publicIpType": "static"})["data"]
    lifecycle.delete(
        life.client, made["id"], outputs | {"static_ips": [made["publicIp"]]}, life.time.waiter()
    )
    life.assert_world_is_as_state_says()


def test_a_key_that_is_refused_is_named_with_where_to_get_one(life: Life) -> None:
    life.create()
    told = r"PAPERSPACE_API_KEY.*console\.paperspace\.com"
    stranger = PaperspaceClient("no-key-of-this-api", life.sandbox.url)
    with stranger, pytest.raises(Unauthorized, match=told):
        lifecycle.delete(stranger, life.id, life.outputs, life.time.waiter())
    life.assert_world_is_as_state_says()


def test_a_machine_that_is_gone_still_gives_back_its_address_and_script(life: Life) -> None:
    life.create()
    life.client.delete(f"/machines/{life.id}")
    life.settle()
    assert len(life.public_ips) == len(life.startup_scripts) == 1
    life.delete()
    life.assert_world_is_as_state_says()


def test_everything_gone_already_is_fine(life: Life) -> None:
    life.create()
    machine_id, outputs = life.id, life.outputs
    life.delete()
    life.id, life.outputs = machine_id, outputs
    life.delete()
    life.assert_world_is_as_state_says()


def test_a_delete_that_is_under_way_is_waited_for(life: Life) -> None:
    life.create(power="stopped")
    life.client.delete(f"/machines/{life.id}")
    life.delete()
    life.assert_world_is_as_state_says()


def test_addresses_and_scripts_of_others_stay(life: Life) -> None:
    spare = life.client.post("/public-ips", {"region": "ny2"})["ip"]
    other = life.client.post("/startup-scripts", {"name": "other", "script": "#!/bin/sh\n"})["id"]
    life.create()
    life.delete()
    assert [ip["ip"] for ip in life.public_ips] == [spare]
    assert [script["id"] for script in life.startup_scripts] == [other]


def test_a_delete_that_was_refused_for_a_moment_is_asked_for_again_though_the_machine_is_off(
    life: Life,
) -> None:
    life.create(power="stopped")
    life.sandbox.add_fault("DELETE /machines/{id}", "status", status=409, times=1)
    life.delete()
    life.assert_world_is_as_state_says()


def test_a_key_of_another_team_deletes_nothing_and_says_whose_the_machine_is(
    life: Life, tmp_path: Path
) -> None:
    life.create()
    with other_team(tmp_path) as key:
        life.client = key
        life.outputs["api_url"] = key.url
        for forget in (life.refresh, life.delete_in_a_new_process):
            with pytest.raises(WrongTeam, match=f"{life.id} belongs to the Paperspace team .* tother"):
                forget()
    assert life.machine()["state"] == "ready"


@contextmanager
def other_team(folder: Path) -> Iterator[PaperspaceClient]:
    """The API as a key of another team shows it: none of this team's resources is there."""
    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox(folder / "other", SandboxSettings.immediate()) as world,
    ):
        patch.setattr("sandbox.paperspace.state.account.TEAM_ID", "tother")
        yield PaperspaceClient(world.api_key, world.url)


def test_an_address_that_somebody_took_from_the_machine_is_given_back_too(life: Life) -> None:
    life.create()
    life.client.put(f"/machines/{life.id}", {"publicIpType": "dynamic"})
    life.refresh()
    assert len(life.public_ips) == 1
    life.delete()
    assert life.public_ips == []


def test_in_a_replacement_the_new_machine_keeps_the_script_it_shares(life: Life) -> None:
    life.create()
    old_id, old_outputs = life.id, life.outputs
    life.create(regions=["ams1"])
    assert old_id
    lifecycle.delete(life.client, old_id, old_outputs, life.time.waiter())
    life.assert_world_is_as_state_says()
    [script] = life.startup_scripts
    assert script["assignedMachineIds"] == [life.id]
    life.delete()
    life.assert_world_is_as_state_says()


def test_snapshots_go_with_the_machine(life: Life) -> None:
    life.create()
    life.client.post("/snapshots", {"name": "before", "machineId": life.id})
    life.settle()
    life.delete()
    assert life.sandbox.state()["snapshots"] == []
    life.assert_world_is_as_state_says()


def test_a_delete_after_the_program_lost_all_outputs_but_the_id_still_ends_the_machine(life: Life) -> None:
    life.create()
    assert life.id
    lifecycle.delete(life.client, life.id, {}, life.time.waiter())
    assert life.machines == []
    assert life.public_ips == []
