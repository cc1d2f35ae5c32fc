"""The Machine resource through the engine, in steps, against the sandbox's own state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from provider.client import PaperspaceClient
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests import lifecycle
from tests.lifecycle import Inputs, State, Step
from tests.machine_inputs import MACHINE
from tests.pulumi_stack import PulumiStack

REFUSED = 1


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as world:
        yield world


@pytest.fixture
def stack(pulumi: Path, tmp_path: Path, sandbox: Sandbox) -> PulumiStack:
    environment = {"PAPERSPACE_API_URL": sandbox.url, "PAPERSPACE_API_KEY": sandbox.api_key}
    return PulumiStack.create(pulumi, tmp_path / "machine", lifecycle.PROGRAM, environment)


def only_machine(state: State) -> dict[str, Any]:
    [machine] = state["machines"]
    return machine


def machine_has(**expected: object) -> Callable[[State], None]:
    def check(state: State) -> None:
        machine = only_machine(state)
        assert {name: machine[name] for name in expected} == expected

    return check


def nothing_is_left(state: State) -> None:
    assert (state["machines"], state["public_ips"], state["startup_scripts"]) == ([], [], [])


def changed(**inputs: object) -> Inputs:
    return {**MACHINE, **inputs}


def test_the_life_of_a_machine(stack: PulumiStack, sandbox: Sandbox) -> None:
    seen: list[str] = []

    def remember(state: State) -> None:
        seen.append(only_machine(state)["id"])

    def same_machine(state: State) -> None:
        assert only_machine(state)["id"] == seen[-1]

    def another_machine(state: State) -> None:
        assert only_machine(state)["id"] != seen[-1]
        assert [ip["assignedMachineId"] for ip in state["public_ips"]] == [only_machine(state)["id"]]
        remember(state)

    with PaperspaceClient(sandbox.api_key, sandbox.url) as client:
        network = client.post("/private-networks", {"name": "class", "region": "ny2"})["id"]
    other = {
        "name": "fastai-eve",
        "auto_shutdown": {"hours": 24, "force": True},
        "auto_snapshot": {"enabled": True, "frequency": "daily", "keep": 1},
        "public_ip_type": "dynamic",
        "startup_script": "#!/bin/sh\nfalse\n",
        "network": network,
    }
    has_changed = machine_has(
        autoShutdownTimeout=24,
        autoShutdownForce=True,
        autoSnapshotEnabled=True,
        autoSnapshotFrequency="daily",
        publicIpType="dynamic",
        networkId=network,
        state="ready",
    )
    larger = changed(disk_size=100, machine_types=["P5000"], network=network)
    server = {"template": "Ubuntu 22.04 Server"}
    is_larger = machine_has(machineType="P5000", autoSnapshotEnabled=False, publicIpType="static")
    lifecycle.run(
        [
            Step("create", MACHINE, "create", remember),
            Step("again", MACHINE, "same", same_machine),
            Step("region spelt otherwise", changed(regions=["NY2"]), "same", same_machine),
            Step("type spelt otherwise", changed(machine_types=["GPU+"]), "same", same_machine),
            Step("another region added", changed(regions=["AMS1", "ny2"]), "same", same_machine),
            Step("all that changes in place", changed(**other), "update", has_changed),
            Step("and stays so", changed(**other), "same", same_machine),
            Step("back, with a larger disk and another type of the family", larger, "update", is_larger),
            Step("switched off", larger | {"power": "stopped"}, "update", machine_has(state="off")),
            Step("switched on", larger, "update", same_machine),
            Step("another template", larger | server, "replace", another_machine),
            Step("another family", larger | server | {"machine_types": ["C5"]}, "replace", another_machine),
            Step("no longer declared", None, "delete", nothing_is_left),
            Step("absent", None, "absent", nothing_is_left),
        ],
        stack,
        sandbox,
    )  # fmt: skip


def test_a_machine_that_stopped_by_itself_is_started_and_its_destroy_leaves_nothing(
    stack: PulumiStack, sandbox: Sandbox
) -> None:
    def stop_it() -> None:
        sandbox.power_off(only_machine(sandbox.state())["id"])

    large = changed(disk_size=100)
    lifecycle.run(
        [
            Step("create", large, "create", machine_has(state="ready")),
            Step("after a night", large, "update", machine_has(state="ready"), before=stop_it),
            Step("again", large, "same", machine_has(state="ready")),
        ],
        stack,
        sandbox,
    )
    (stack.folder / "inputs.json").write_text(json.dumps(MACHINE))
    refused = stack.run("preview", "--stack", stack.name, code=REFUSED)
    assert "cannot shrink from 100 GB to 50 GB" in refused
    stack.destroy()
    nothing_is_left(sandbox.state())
    assert stack.resources() == {}
