"""The Pulumi shells of machine, snapshot and custom template, called as pulumi.dynamic calls them."""

from __future__ import annotations

import base64
import pickle
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from provider import address, adoption, custom_templates, lifecycle
from provider.custom_template import CustomTemplateProvider
from provider.errors import NothingAvailable, StillThere, WrongTeam
from provider.machine import MachineProvider
from provider.reservation import ReservationProvider
from provider.snapshot import SnapshotProvider
from provider.static_address import StaticAddressProvider
from tests.provider.life import Life, inputs

STORED_IN_STATE: dict[type[ResourceProvider], str] = {
    StaticAddressProvider: (
        "gASVOAAAAAAAAACMF3Byb3ZpZGVyLnN0YXRpY19hZGRyZXNzlIwVU3RhdGljQWRkcmVzc1Byb3ZpZGVylJOUKYGULg=="
    ),
    SnapshotProvider: "gASVLQAAAAAAAACMEXByb3ZpZGVyLnNuYXBzaG90lIwQU25hcHNob3RQcm92aWRlcpSTlCmBlC4=",
    ReservationProvider: (
        "gASVMwAAAAAAAACMFHByb3ZpZGVyLnJlc2VydmF0aW9ulIwTUmVzZXJ2YXRpb25Qcm92aWRlcpSTlCmBlC4="
    ),
    CustomTemplateProvider: (
        "gASVOgAAAAAAAACMGHByb3ZpZGVyLmN1c3RvbV90ZW1wbGF0ZZSMFkN1c3RvbVRlbXBsYXRlUHJvdmlkZXKUk5QpgZQu"
    ),
}
OF_A_MACHINE = [(SnapshotProvider(), "snapshots"), (CustomTemplateProvider(), "custom_templates")]


@pytest.fixture(autouse=True)
def environment(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERSPACE_API_URL", life.sandbox.url)
    monkeypatch.setenv("PAPERSPACE_API_KEY", life.sandbox.api_key)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.mark.parametrize("kind", STORED_IN_STATE)
def test_states_written_by_earlier_versions_can_be_deleted(kind: type[ResourceProvider]) -> None:
    assert serialize_provider(kind()) == STORED_IN_STATE[kind]
    assert isinstance(pickle.loads(base64.b64decode(STORED_IN_STATE[kind])), kind)
    assert kind.serialize_as_secret_always is False


@pytest.mark.parametrize(("provider", "noun"), OF_A_MACHINE)
def test_what_belongs_to_a_machine_is_made_read_renamed_and_deleted(
    provider: ResourceProvider, noun: str, life: Life
) -> None:
    def names() -> list[str]:
        return [found["name"] for found in life.sandbox.state()[noun]]

    properties: dict[str, Any] = {"name": "first", "machine_id": life.create()["id"], "__provider": "x"}
    made = provider.create(dict(properties))
    outputs = dict(made.outs or {})
    assert (names(), outputs["api_url"]) == (["first"], life.client.url)
    found = provider.read(made.id, outputs)
    assert (found.id, found.outs) == (made.id, outputs)
    assert found.inputs == {"name": "first", "machine_id": life.id}
    outputs = dict(provider.update(made.id, outputs, properties | {"name": "second"}).outs or {})
    assert (names(), outputs["name"]) == (["second"], "second")
    provider.delete(made.id, outputs)
    life.settle()
    assert names() == []
    assert provider.read(made.id, outputs).id == ""


@pytest.mark.parametrize(("provider", "noun"), OF_A_MACHINE)
def test_drift_of_the_name_shows(provider: ResourceProvider, noun: str, life: Life) -> None:
    made = provider.create({"name": "first", "machine_id": life.create()["id"]})
    life.client.put(f"/{noun.replace('_', '-')}/{made.id}", {"name": "renamed"})
    found = provider.read(made.id, dict(made.outs or {}))
    assert found.inputs == {"name": "renamed", "machine_id": life.id}


@pytest.mark.parametrize(("provider", "noun"), [*OF_A_MACHINE, (MachineProvider(), "machines")])
def test_nothing_is_touched_at_another_address(provider: ResourceProvider, noun: str, life: Life) -> None:
    elsewhere = inputs() | {"machine_id": "ps1", "api_url": "https://api.paperspace.com/v1"}
    for call in (
        lambda: provider.read("x1", elsewhere),
        lambda: provider.update("x1", elsewhere, elsewhere),
        lambda: provider.delete("x1", elsewhere),
    ):
        with pytest.raises(Exception, match="run again with PAPERSPACE_API_URL=https://api"):
            call()
    assert not life.requests


def test_a_machine_through_its_provider(life: Life) -> None:
    provider = MachineProvider()
    checked = provider.check({}, inputs() | {"regions": ["ny2"], "__provider": "x"})
    assert checked.failures == []
    made = provider.create(checked.inputs | {"__provider": "x"})
    outputs = dict(made.outs or {})
    found = provider.read(made.id, outputs | {"__provider": "x"})
    assert (found.outs, found.inputs) == (outputs, checked.inputs)
    changed = checked.inputs | {"disk_size": 100.0}
    assert provider.diff(made.id, outputs, changed).changes is None
    outputs = dict(provider.update(made.id, outputs, changed).outs or {})
    assert (outputs["disk_size"], life.machines[0]["diskSize"]) == (100, 100)
    assert provider.diff(made.id, outputs, changed).changes is False
    adoption.forget_all()
    provider.delete(made.id, outputs)
    life.assert_world_is_as_state_says()


def test_the_address_of_a_machine_is_one_request_away(life: Life) -> None:
    machine = life.create()
    before = life.requests.total()
    found = address.of_machine(life.client, machine["id"])
    assert (found.ip, found.state) == (machine["publicIp"], "ready")
    assert life.requests.total() == before + 1


def reserve() -> tuple[ReservationProvider, str, dict[str, Any]]:
    provider = ReservationProvider()
    given = {key: inputs()[key] for key in ("name", "identity", "template")}
    made = provider.create(given | {"__provider": "x"})
    return provider, str(made.id), dict(made.outs or {})


def test_a_reservation_makes_nothing_and_goes_when_its_machine_has_gone(life: Life) -> None:
    provider, name, outputs = reserve()
    life.create()
    assert life.sandbox.state()["machines"][0]["name"] == name
    life.delete()
    provider.delete(name, outputs)
    assert life.sandbox.state()["startup_scripts"] == []


def test_a_reservation_stays_while_a_machine_has_its_name_and_says_how_to_go_on(life: Life) -> None:
    provider, name, outputs = reserve()
    made = life.create()
    before = life.sandbox.state()
    with pytest.raises(StillThere, match=f"pspace machine delete {made['id']}"):
        provider.delete(name, outputs)
    assert life.sandbox.state()["machines"] == before["machines"]
    assert life.sandbox.state()["startup_scripts"] == before["startup_scripts"]


def test_a_reservation_follows_a_new_name_in_place(life: Life) -> None:
    provider, name, outputs = reserve()
    renamed = dict(provider.update(name, outputs, outputs | {"name": "fastai-eve"}).outs or {})
    assert renamed["wire_name"].startswith("fastai-eve-")
    assert provider.read(name, renamed).inputs == {
        key: renamed[key] for key in ("name", "identity", "template")
    }


def test_a_machine_of_an_earlier_name_is_told_when_the_stack_ends(life: Life) -> None:
    provider, name, outputs = reserve()
    killed = life.create()
    changed = {"template": "Ubuntu 22.04"}
    outputs = dict(provider.update(name, outputs, outputs | changed).outs or {})
    outputs = dict(provider.update(name, outputs, outputs | changed | {"name": "fastai-eve"}).outs or {})
    assert len(outputs["former_names"]) == 2
    with pytest.raises(StillThere, match=f"pspace machine delete {killed['id']}"):
        provider.delete(name, outputs)


def test_a_reservation_is_not_given_up_with_a_key_of_another_team(life: Life) -> None:
    provider, name, outputs = reserve()
    with pytest.raises(WrongTeam):
        provider.delete(name, outputs | {"team_id": "tother"})


def test_a_template_is_known_to_the_state_though_its_machine_does_not_start_again(life: Life) -> None:
    life.create()
    life.sandbox.add_fault("PATCH /machines/{id}/start", "status", status=403)
    made = custom_templates.create(life.client, str(life.id), "class", life.time.waiter())
    assert [found["id"] for found in life.sandbox.state()["custom_templates"]] == [made.id]
    assert "does not run again" in life.time.warned[-1]


def test_a_replacement_warns_that_the_disk_is_lost(life: Life, capfd: pytest.CaptureFixture[str]) -> None:
    life.create()
    found = MachineProvider().diff(str(life.id), life.outputs, inputs(regions=["ams1"]))
    assert found.replaces == ["regions"]
    assert "its disk is lost" in capfd.readouterr().err


def test_a_machine_is_not_replaced_by_one_that_cannot_be_had(life: Life) -> None:
    life.create()
    life.sandbox.set_capacity("P5000", "ams1", available=False)
    elsewhere = inputs(machine_types=["P5000"], regions=["ams1"])
    with pytest.raises(NothingAvailable, match="the present machine stays"):
        lifecycle.diff(lambda: life.client, life.outputs, elsewhere)
    assert life.machine()["state"] == "ready"
