"""The whole stack on a virtual machine, as one story: each test builds on those before it."""

from __future__ import annotations

import asyncio
import platform
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from components import ssh
from sandbox.server import Sandbox
from tests.nspawn.idle_machine import shorten
from tests.pulumi_stack import PulumiFailed, PulumiStack
from tests.student_stack import changes, life, login, student
from tests.tiers import OnMachine, left_behind, reachable, told
from tests.waiting import wait_until

USER_PASSWORD = "correct horse 1"
PATIENCE = 600


@pytest.fixture(scope="module")
def stack(pulumi: Path, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> PulumiStack:
    fast = student(pulumi, tmp_path_factory.mktemp("student"), sandbox, ssh_port="2222")
    stack = replace(fast, seconds=PATIENCE)
    stack.run("config", "set", "--secret", "user_password", USER_PASSWORD, "--stack", stack.name)
    with suppress(PulumiFailed):  # emulated and beside other work it may be too slow for one of the limits
        stack.up()
    stack.up()  # goes on where the first ended
    return stack


@pytest.fixture
def on_machine(stack: PulumiStack) -> OnMachine:
    return life(stack)


def test_up_ends_with_a_healthy_machine_and_a_clean_preview(
    stack: PulumiStack, on_machine: OnMachine
) -> None:
    assert on_machine("uname -r") != platform.release()
    assert on_machine("systemctl is-system-running --wait") == "running"
    assert on_machine("stat -f -c %T /sys/fs/cgroup") == "cgroup2fs"
    assert changes(stack) == {}


def test_sudo_takes_the_set_password(on_machine: OnMachine) -> None:
    for password, answer in ((USER_PASSWORD, "yes"), ("another", "no")):
        asked = f"sudo -k; sudo -S -v <<<'{password}' >/dev/null 2>&1 && echo yes || echo no"
        assert on_machine(asked) == answer


def test_the_notebook_survives_a_reboot_from_inside(stack: PulumiStack, on_machine: OnMachine) -> None:
    booted = "cat /proc/sys/kernel/random/boot_id"
    before = on_machine(booted)
    told(on_machine, "sudo systemctl reboot")
    wait_until(lambda: reachable(on_machine, booted) not in ("", before), "it is up again", seconds=PATIENCE)
    wait_until(lambda: changes(stack) == {}, "nothing is to be done", seconds=PATIENCE)
    assert on_machine("systemctl is-active jupyter fastai-idle-stop.timer").split() == ["active", "active"]


def test_the_timer_powers_the_idle_machine_off(stack: PulumiStack, sandbox: Sandbox) -> None:
    async def hasten() -> None:
        async with await ssh.connect(login(stack)) as connection:
            await shorten(connection, idle=40, tick=20)

    asyncio.run(hasten())
    wait_until(lambda: sandbox.state()["machines"][0]["state"] == "off", "the API says off", seconds=PATIENCE)


def test_the_next_up_starts_it_and_its_notebook(stack: PulumiStack, on_machine: OnMachine) -> None:
    assert set(changes(stack)) == {"machine"}
    stack.run("config", "set", "idle_stop_minutes", "0", "--stack", stack.name)
    told(on_machine, "true")
    stack.up()
    assert on_machine("systemctl is-active jupyter") == "active"


def test_destroy_leaves_no_qemu_and_no_disk(stack: PulumiStack, sandbox: Sandbox, folder: Path) -> None:
    stack.destroy()
    sandbox.settle()
    assert sandbox.state()["machines"] == []
    assert list((folder / "machines").iterdir()) == []
    assert left_behind(folder) == []
