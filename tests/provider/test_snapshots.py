"""Snapshots and custom templates: made once, found after a lost reply, gone is fine."""

from __future__ import annotations

import pulumi
import pytest

from provider import custom_templates, snapshots, templates
from provider.errors import UnknownTemplate
from provider.snapshot import SnapshotProvider
from tests.provider.life import Life

FROM_TEMPLATE = {"template": "class image", "disk_size": 50, "identity": "SHA256:eve"}


def test_a_snapshot_is_made_once_whatever_happens_to_the_reply(life: Life) -> None:
    machine_id = life.create()["id"]
    life.fault("POST /snapshots", "drop-after")
    made = snapshots.create(life.client, machine_id, "before lesson 2", life.time.waiter())
    again = snapshots.create(life.client, machine_id, "before lesson 2", life.time.waiter())
    assert made.id == again.id
    assert [snapshot["id"] for snapshot in life.sandbox.state()["snapshots"]] == [made.id]
    assert [found.name for found in snapshots.of_machine(life.client, machine_id)] == ["before lesson 2"]


@pytest.mark.parametrize(("power", "state"), [("running", "ready"), ("stopped", "off")])
def test_a_restore_leaves_the_machine_as_it_was_and_keeps_the_present_disk(
    power: str, state: str, life: Life
) -> None:
    machine_id = life.create(power=power)["id"]
    made = snapshots.create(life.client, machine_id, "before", life.time.waiter())
    assert snapshots.restore(life.client, made, life.time.waiter()).state == state
    assert len(life.sandbox.state()["snapshots"]) == 2


def test_deleting_a_snapshot_that_is_gone_is_fine(life: Life) -> None:
    made = snapshots.create(life.client, life.create()["id"], "before", life.time.waiter())
    snapshots.delete(life.client, made.id, life.time.waiter())
    life.settle()
    snapshots.delete(life.client, made.id, life.time.waiter())
    assert life.sandbox.state()["snapshots"] == []


def test_a_snapshot_of_another_machine_is_another_snapshot_but_an_unknown_one_is_not() -> None:
    provider, unknown = SnapshotProvider(), pulumi.output.UNKNOWN
    before = {"machine_id": "ps1", "name": "a"}
    assert provider.diff("sl1", before, before | {"machine_id": "ps2"}).replaces == ["machine_id"]
    assert provider.diff("sl1", before, before | {"machine_id": unknown}).replaces == []
    assert provider.diff("sl1", before, before | {"name": "b"}).replaces == []


def test_a_template_is_made_from_a_running_machine_which_then_runs_again(life: Life) -> None:
    machine = life.create()
    made = custom_templates.create(life.client, machine["id"], "class image", life.time.waiter())
    assert life.machine()["state"] == "ready"
    assert made.region == machine["region"]
    assert (
        custom_templates.create(life.client, machine["id"], "class image", life.time.waiter()).id == made.id
    )


def test_a_machine_can_be_made_from_the_teams_own_template(life: Life) -> None:
    machine_id = life.create()["id"]
    made = custom_templates.create(life.client, machine_id, "class image", life.time.waiter())
    assert life.create(**FROM_TEMPLATE)["templateId"] == made.id


def test_a_template_of_another_region_is_named_as_the_reason(life: Life) -> None:
    machine_id = life.create()["id"]
    custom_templates.create(life.client, machine_id, "class image", life.time.waiter())
    with pytest.raises(Exception, match="class image belongs to another region"):
        life.create(**FROM_TEMPLATE, regions=["ams1"])
    assert [machine["id"] for machine in life.machines] == [machine_id]


def test_a_deleted_template_is_no_template(life: Life) -> None:
    made = custom_templates.create(life.client, life.create()["id"], "class image", life.time.waiter())
    custom_templates.delete(life.client, made.id)
    custom_templates.delete(life.client, made.id)
    assert custom_templates.get(life.client, made.id) is None
    with pytest.raises(UnknownTemplate, match="no template 'class image'"):
        templates.find(life.client, "class image")


def test_a_label_of_several_templates_asks_for_the_id(life: Life) -> None:
    with pytest.raises(UnknownTemplate, match=r"ambiguous; name one by its id: t.*\("):
        templates.find(life.client, "Ubuntu 22.04")
