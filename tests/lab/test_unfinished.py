"""A first `up` that did not come to its end: nothing is exported, and the machine is billed all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab import student_machines
from lab.account import Account
from lab.pulumi_command import Recorded
from provider.models import Machine
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.lab.lab_command import PROGRAM, LabCommand, ended
from tests.lab.project_files import make_project
from tests.waiting import wait_until

FAILING_STEP = """
def fail(_machine_id):
    raise pulumi.RunError("fastai: nosuchtag is no revision")


pulumi.export("notebook_url", machine.id.apply(fail))
"""

RESERVATION = """
reservation = Reservation(
    "reservation",
    name=f"fastai-{pulumi.get_stack()}",
    identity=f"identity of {pulumi.get_stack()}",
    template=settings.template,
)
machine = Machine("""
AFTER_IT = "    opts=pulumi.ResourceOptions(depends_on=[reservation]),\n)\nfor name in"
RESERVED = "from provider.reservation import Reservation\n" + PROGRAM.replace(
    "machine = Machine(", RESERVATION
).replace(")\nfor name in", AFTER_IT)
"""The name is in the state before the machine is ordered, as the Workstation has it."""


@pytest.fixture
def lab(pulumi: Path, tmp_path: Path, sandbox: Sandbox) -> LabCommand:
    """After `lab up ivy` has made the machine and failed at a step on it."""
    project = make_project(tmp_path / "class", {"ivy": "disk_size: 50", "joe": ""})
    environment = {"PAPERSPACE_API_URL": sandbox.url, "PAPERSPACE_API_KEY": sandbox.api_key}
    command = LabCommand.create(project, pulumi, environment)
    (project.root / "__main__.py").write_text(PROGRAM + FAILING_STEP)
    command.run("up", "ivy", code=1)
    return command


def test_the_machine_of_an_up_that_failed_is_seen_charged_swept_and_stopped(
    lab: LabCommand, sandbox: Sandbox
) -> None:
    [machine] = sandbox.state()["machines"]
    [ivy] = json.loads(lab.run("status", "ivy", "--json")[0])
    assert (ivy["state"], ivy["machine_id"]) == ("ready", machine["id"])
    assert (ivy["hourly_now"], ivy["monthly_fixed"]) == (0.45, 8.0)
    assert "`lab up ivy` has not finished" in ivy["note"]
    [silent] = json.loads(lab.run("sweep", "--json", code=1)[0])
    assert (silent["kind"], silent["subject"], silent["hourly"]) == ("silent", machine["id"], 0.45)
    assert "ivy  lab up has not finished yet" in lab.run("extend", "ivy", code=1)[0]
    assert "ivy: ok  stopped" in lab.run("stop", "ivy")[1]
    assert [each["state"] for each in sandbox.state()["machines"]] == ["off"]
    (lab.project.root / "students" / "Pulumi.ivy.yaml").unlink()
    [left] = json.loads(lab.run("sweep", "--json", code=1)[0])
    assert (left["kind"], left["subject"], left["monthly"]) == ("no file", machine["id"], 8.0)


def test_a_machine_whose_create_is_not_in_the_state_yet_is_seen_by_its_reserved_name(
    pulumi: Path, tmp_path: Path
) -> None:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.manual()) as sandbox:
        project = make_project(tmp_path / "class", {"ivy": "disk_size: 50"})
        environment = {"PAPERSPACE_API_URL": sandbox.url, "PAPERSPACE_API_KEY": sandbox.api_key}
        lab = LabCommand.create(project, pulumi, environment)
        (project.root / "__main__.py").write_text(RESERVED)
        with lab.start("up", "ivy") as up:
            try:
                wait_until(lambda: bool(sandbox.state()["machines"]), "a machine was asked for", process=up)
                [machine] = sandbox.state()["machines"]
                [ivy] = json.loads(lab.run("status", "--json")[0])
            finally:
                ended(up, sandbox)
        assert (ivy["machine_id"], ivy["state"]) == (machine["id"], machine["state"])
        assert (ivy["hourly_now"], ivy["monthly_fixed"]) == (0.45, 8.0)


def machine(machine_id: str, name: str = "fastai-ivy-01234567", created: str = "2026-11-23") -> Machine:
    return Machine(id=machine_id, name=name, state="ready", dt_created=created)


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        (Recorded(frozenset({"ps1"})), "ps1"),
        (Recorded(frozenset({"ps1", "ps2"})), "ps2"),
        (Recorded(pending=True, reserved_names=frozenset({"fastai-ivy-89abcdef"})), "ps3"),
        (Recorded(frozenset({"gone"}), reserved_names=frozenset({"fastai-ivy-00000000"})), None),
    ],
    ids=["recorded", "the newer of two", "ordered and cut off", "another's of that student"],
)
def test_a_machine_is_taken_for_a_students_only_where_the_state_names_it(
    recorded: Recorded, expected: str | None
) -> None:
    others = [machine("ps2", created="2026-11-24"), machine("ps3", "fastai-ivy-89abcdef", "2026-11-25")]
    account = Account({each.id: each for each in [machine("ps1"), *others]}, [], [])
    found = student_machines.held_by(recorded, account)
    assert (found.id if found else None) == expected
