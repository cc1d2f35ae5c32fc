"""What is billed for nothing, found in the sandbox's account."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from lab import ledger, sweep
from lab.commands import sweep as sweep_command
from lab.student_machines import StudentMachine
from provider.client import PaperspaceClient
from sandbox.server import Sandbox
from tests.lab.lab_command import LabCommand
from tests.lab.project_files import make_project

ORPHAN = {
    "name": "fastai-emil-01234567",
    "machineType": "C1",
    "templateId": "tvimtol9",
    "diskSize": 100,
    "region": "ny2",
    "publicIpType": "static",
    "startOnCreate": True,
}


@pytest.fixture
def lab(pulumi: Path, tmp_path: Path, sandbox: Sandbox) -> LabCommand:
    project = make_project(tmp_path / "class", dict.fromkeys(("anna", "bob"), "ssh_port: 2222"))
    environment = {"PAPERSPACE_API_URL": sandbox.url, "PAPERSPACE_API_KEY": sandbox.api_key}
    return LabCommand.create(project, pulumi, environment)


def machine_of(sandbox: Sandbox, student: str) -> dict[str, str]:
    [machine] = [m for m in sandbox.state()["machines"] if m["name"].startswith(f"fastai-{student}-")]
    return machine


def last_rates(lab: LabCommand) -> dict[str, float]:
    """USD an hour of the last sample in the ledger, by student."""
    paths = sorted((lab.project.private / "ledger").glob("*.jsonl"))
    samples = ledger.parsed(line for path in paths for line in path.read_text().splitlines())
    return {each.student: each.hourly for each in samples}


def test_what_is_billed_for_nothing_is_found_and_ended(lab: LabCommand, sandbox: Sandbox) -> None:
    lab.run("up")
    with PaperspaceClient(sandbox.api_key, sandbox.url) as client:
        client.post("/machines", ORPHAN)
        client.post("/machines", {**ORPHAN, "name": "somebody-elses"})
    sandbox.settle()
    with socket.create_server((machine_of(sandbox, "bob")["publicIp"], 2222)):
        found = json.loads(lab.run("sweep", "--json", code=1)[0])
        kinds = {each["kind"]: each for each in found}
        assert set(kinds) == {"silent", "orphan"}
        assert kinds["silent"]["subject"] == machine_of(sandbox, "anna")["id"]
        assert kinds["orphan"]["subject"] == machine_of(sandbox, "emil")["id"]
        before = sandbox.state()["machines"]
        assert (
            "--delete somebody: not among the orphans"
            in (lab.run("sweep", "--yes", "--patience", "0", "--delete", "somebody", code=1)[1])
        )
        assert [m["state"] for m in before] == [m["state"] for m in sandbox.state()["machines"]]
        words = ("sweep", "--yes", "--patience", "0", "--delete", kinds["orphan"]["subject"])
        printed, told = lab.run(*words)
    assert "anna: stopped" in told
    assert last_rates(lab) == {"anna": 0.0, "bob": 0.45}
    assert "1 other machines in the account are not this project's" in printed
    assert machine_of(sandbox, "anna")["state"] == "off"
    assert machine_of(sandbox, "bob")["state"] == "ready"
    assert "fastai-emil-01234567" not in [m["name"] for m in sandbox.state()["machines"]]
    assert "somebody-elses" in [m["name"] for m in sandbox.state()["machines"]]


def test_where_nothing_answers_it_is_rather_this_computers_network() -> None:
    ready = [machine("anna", "ready"), machine("bob", "ready"), machine("carl", "off")]
    assert sweep.silence_is_ours(ready, ready[:2])
    assert not sweep.silence_is_ours(ready, ready[:1])
    assert not sweep.silence_is_ours(ready, [])


def test_the_only_machine_that_is_on_proves_nothing_by_its_silence() -> None:
    without_address = machine("dora", "ready")
    assert without_address.machine
    nowhere = without_address.machine.model_copy(update={"public_ip": None})
    machines = [machine("anna", "ready"), machine("carl", "off"), replace(without_address, machine=nowhere)]
    [quiet] = sweep.silent(machines, lambda _address, _port: False)
    assert sweep.silence_is_ours(machines, [quiet])
    assert "lab sweep" not in sweep.silent_finding(quiet, is_ours=True).advice


def test_a_sweep_does_not_stop_the_only_machine_that_is_on(lab: LabCommand, sandbox: Sandbox) -> None:
    lab.run("up", "anna")
    sandbox.settle()
    told = lab.run("sweep", "--yes", "--patience", "0", code=1)[1]
    assert "no machine that is on answers (anna)" in told
    assert "lab stop anna" in told
    assert machine_of(sandbox, "anna")["state"] == "ready"


@pytest.mark.parametrize(
    ("kind", "is_done"),
    [
        ("orphan", False),
        ("no file", False),
        ("unused address", False),
        ("interrupted create", False),
        ("unused script", True),
    ],
)
def test_what_goes_on_being_billed_is_left_for_a_person_to_do(
    kind: sweep.Kind, is_done: bool, sandbox: Sandbox
) -> None:
    found = [sweep.Finding(kind, "subject", "what", "advice")]
    with PaperspaceClient(sandbox.api_key, sandbox.url) as client:
        assert sweep_command.act(client, found, [], [], [], 0) is is_done


def test_an_address_that_is_billed_makes_the_exit_code_1_until_it_is_released(
    lab: LabCommand, sandbox: Sandbox
) -> None:
    with PaperspaceClient(sandbox.api_key, sandbox.url) as client:
        address = client.post("/public-ips", {"region": "ny2"})["ip"]
        assert "unused address" in lab.run("sweep", "--yes", code=1)[0]
        client.delete(f"/public-ips/{address}")
    assert "0 findings" in lab.run("sweep", "--yes")[0]


def machine(name: str, state: str) -> StudentMachine:
    from lab.project import Student
    from provider.models import Machine

    found = Machine(id=f"ps{name}", name=f"fastai-{name}-01234567", state=state, public_ip="127.0.0.1")
    return StudentMachine(Student(name, Path(f"Pulumi.{name}.yaml")), {"machine_id": found.id}, found, None)


def test_a_machine_is_asked_twice_before_it_is_called_silent() -> None:
    asked: list[tuple[str, int]] = []

    def second_time_lucky(address: str, port: int) -> bool:
        asked.append((address, port))
        return len(asked) == 2

    assert sweep.silent([machine("anna", "ready"), machine("bob", "off")], second_time_lucky) == []
    assert asked == [("127.0.0.1", 22)] * 2


def test_a_machine_that_only_boots_is_not_stopped() -> None:
    now, booted_at = 0.0, 45.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    def boots(_address: str, port: int) -> bool:
        return port == 22 and now >= booted_at

    booting = machine("anna", "ready")
    gone = replace(machine("bob", "ready"), outputs={"ssh_port": 23})
    assert sweep.still_silent([booting, gone], 120, boots, lambda: now, sleep) == [gone]
    assert now == 120
    assert sweep.still_silent([gone], 0, boots, lambda: now, sleep) == [gone]


@pytest.mark.parametrize(
    ("state", "limited", "idle_minutes", "expected"),
    [
        ("ready", True, 60, ""),
        ("ready", False, 60, "auto-shutdown off"),
        ("ready", True, 0, "idle stop off"),
        ("ready", False, 0, "auto-shutdown and idle stop off"),
        ("off", False, 0, ""),
    ],
)
def test_a_running_machine_that_nothing_would_stop_is_told(
    state: str, limited: bool, idle_minutes: int, expected: str
) -> None:
    each = machine("anna", state)
    assert each.machine
    known = each.machine.model_copy(update={"auto_shutdown_enabled": limited, "usage_rate": 0.45})
    assert replace(each, machine=known, idle_stop_minutes=idle_minutes).never_stops == expected
