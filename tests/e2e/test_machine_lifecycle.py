"""The Machine resource through the engine, in steps, against the sandbox's own state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests import lifecycle
from tests.lifecycle import Inputs, State, Step
from tests.pulumi_stack import PulumiStack

MACHINE: Inputs = {
    "name": "fastai-test",
    "identity": "SHA256:0123456789",
    "machine_types": ["M4000"],
    "regions": ["NY2"],
    "template": "fast.ai",
    "disk_size": 50,
    "public_ip_type": "static",
    "auto_snapshot": {"enabled": False},
    "auto_shutdown": {"hours": 8, "force": False},
    "startup_script": "#!/bin/sh\ntrue\n",
    "power": "running",
}


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

    lifecycle.run(
        [
            Step("create", MACHINE, "create", remember),
            Step("again", MACHINE, "same", same_machine),
            Step("region spelt otherwise", changed(regions=["East Coast (NY2)"]), "same", same_machine),
            Step("type spelt otherwise", changed(machine_types=["GPU+"]), "same", same_machine),
            Step("another region added", changed(regions=["AMS1", "ny2"]), "same", same_machine),
            Step("snapshots on", changed(auto_snapshot={"enabled": True, "frequency": "daily", "keep": 1}),
                 "update", machine_has(autoSnapshotEnabled=True, autoSnapshotFrequency="daily")),
            Step("snapshots off again", MACHINE, "update", machine_has(autoSnapshotEnabled=False)),
            Step("a larger disk", changed(disk_size=100), "update", machine_has(state="ready")),
            Step("switched off", changed(disk_size=100, power="stopped"), "update", machine_has(state="off")),
            Step("switched on", changed(disk_size=100), "update", machine_has(state="ready")),
            Step("another template", changed(disk_size=100, template="tvimtol9"), "replace", another_machine),
            Step("no longer declared", None, "delete", nothing_is_left),
            Step("absent", None, "absent", nothing_is_left),
        ],
        stack,
        sandbox,
    )  # fmt: skip


def test_a_machine_that_stopped_by_itself_is_started_by_the_next_up(
    stack: PulumiStack, sandbox: Sandbox
) -> None:
    def stop_it() -> None:
        sandbox.power_off(only_machine(sandbox.state())["id"])

    lifecycle.run(
        [
            Step("create", MACHINE, "create", machine_has(state="ready")),
            Step("after a night", MACHINE, "update", machine_has(state="ready"), before=stop_it),
            Step("again", MACHINE, "same", machine_has(state="ready")),
        ],
        stack,
        sandbox,
    )


def test_destroy_leaves_nothing(stack: PulumiStack, sandbox: Sandbox) -> None:
    lifecycle.run([Step("create", MACHINE, "create", machine_has(state="ready"))], stack, sandbox)
    stack.destroy()
    nothing_is_left(sandbox.state())
    assert stack.resources() == {}
