"""Runs that end in the middle of a create: the next one finds the machine; there is never a second."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests import lifecycle
from tests.e2e.test_machine_lifecycle import nothing_is_left, only_machine
from tests.machine_inputs import MACHINE
from tests.pulumi_stack import PulumiStack
from tests.waiting import kill_group, press_ctrl_c, wait_until

A_DAY = 86_400.0
DESTROY_FAILED = 1
PROGRAM = """\
import json
import pathlib

import pulumi

from provider.machine import Machine
from provider.reservation import Reservation

inputs = json.loads(pathlib.Path("inputs.json").read_text())
named = {key: inputs[key] for key in ("name", "identity", "template")}
reservation = Reservation("reservation", **named)
Machine("machine", **inputs, opts=pulumi.ResourceOptions(depends_on=[reservation]))
"""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox whose machines stay `provisioning` until its clock is moved."""
    settings = SandboxSettings.immediate().model_copy(update={"provision": A_DAY})
    with Sandbox(tmp_path / "sandbox", settings) as world:
        yield world


@pytest.fixture
def stack(pulumi: Path, tmp_path: Path, sandbox: Sandbox) -> PulumiStack:
    environment = {"PAPERSPACE_API_URL": sandbox.url, "PAPERSPACE_API_KEY": sandbox.api_key}
    made = PulumiStack.create(pulumi, tmp_path / "machine", PROGRAM, environment)
    (made.folder / "inputs.json").write_text(json.dumps(MACHINE))
    return made


@pytest.fixture
def provisioning(stack: PulumiStack, sandbox: Sandbox) -> Iterator[subprocess.Popen[str]]:
    """An `up` that waits for its machine."""
    with stack.start("up", "--yes", "--skip-preview", "--stack", stack.name) as up:
        wait_until(lambda: is_waited_for(sandbox), "the machine was asked for", process=up)
        try:
            yield up
        finally:
            kill_group(up)


def is_waited_for(sandbox: Sandbox) -> bool:
    """The machine is ordered, and the provider has begun to ask how far it is."""
    return sandbox.state()["requests"].get("GET /machine-events/{id}", 0) > 0


def press_ctrl_c_twice(process: subprocess.Popen[str]) -> None:
    """Two signals at once would arrive as one, so the second comes when the first has been taken."""
    press_ctrl_c(process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def machine_id(sandbox: Sandbox) -> str:
    return str(only_machine(sandbox.state())["id"])


def finish_the_create(stack: PulumiStack, sandbox: Sandbox) -> dict[str, Any]:
    """The next run, a day later; returns the machine's resource in the state."""
    sandbox.advance(A_DAY)
    stack.run("cancel", "--yes", "--stack", stack.name)
    stack.up()
    return stack.resources()["machine"]


def test_after_kill_9_the_next_up_takes_the_same_machine(
    stack: PulumiStack, sandbox: Sandbox, provisioning: subprocess.Popen[str]
) -> None:
    asked_for = machine_id(sandbox)
    os.killpg(provisioning.pid, signal.SIGKILL)
    provisioning.wait()
    assert finish_the_create(stack, sandbox)["id"] == asked_for
    assert machine_id(sandbox) == asked_for
    stack.destroy()
    nothing_is_left(sandbox.state())


def test_after_ctrl_c_twice_the_next_up_takes_the_same_machine(
    stack: PulumiStack, sandbox: Sandbox, provisioning: subprocess.Popen[str]
) -> None:
    asked_for = machine_id(sandbox)
    press_ctrl_c_twice(provisioning)
    assert finish_the_create(stack, sandbox)["id"] == asked_for
    assert machine_id(sandbox) == asked_for


def test_after_ctrl_c_once_the_running_create_ends_and_is_recorded(
    stack: PulumiStack, sandbox: Sandbox, provisioning: subprocess.Popen[str]
) -> None:
    asked_for = machine_id(sandbox)
    press_ctrl_c(provisioning)
    sandbox.advance(A_DAY)
    provisioning.communicate(timeout=60)
    assert provisioning.returncode != 0
    assert stack.resources()["machine"]["id"] == asked_for
    assert lifecycle.planned_action(stack) == "same"


def test_destroy_after_kill_9_names_the_machine_that_no_state_holds(
    stack: PulumiStack, sandbox: Sandbox, provisioning: subprocess.Popen[str]
) -> None:
    asked_for = machine_id(sandbox)
    os.killpg(provisioning.pid, signal.SIGKILL)
    provisioning.wait()
    sandbox.advance(A_DAY)
    stack.run("cancel", "--yes", "--stack", stack.name)
    said = stack.run("destroy", "--yes", "--skip-preview", "--stack", stack.name, code=DESTROY_FAILED)
    assert f"pspace machine delete {asked_for}" in said
    assert machine_id(sandbox) == asked_for
    stack.up()
    stack.destroy()
    nothing_is_left(sandbox.state())
