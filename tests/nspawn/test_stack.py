"""The whole stack on real machines, as one story: each test builds on those before it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest

from sandbox.server import Sandbox
from tests.pulumi_stack import PulumiStack
from tests.student_stack import changes, life, login, outputs, student
from tests.tiers import OnMachine, left_behind, reachable, told
from tests.waiting import wait_until

USER_PASSWORD = "correct horse 1 äß"
ROOT_PASSWORD = "battery staple 2"
NOTEBOOK = "/bin/bash -c 'exec 3<>/dev/tcp/localhost/8889'"


@pytest.fixture(scope="module")
def stack(pulumi: Path, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> PulumiStack:
    """A student's machine, brought up with passwords."""
    stack = student(pulumi, tmp_path_factory.mktemp("student"), sandbox, ssh_port="2222")
    for key, value in (("user_password", USER_PASSWORD), ("root_password", ROOT_PASSWORD)):
        stack.run("config", "set", "--secret", key, value, "--stack", stack.name)
    stack.up()
    return stack


@pytest.fixture
def on_machine(stack: PulumiStack) -> OnMachine:
    return life(stack)


def test_up_leaves_a_machine_that_systemd_calls_healthy(stack: PulumiStack, on_machine: OnMachine) -> None:
    assert on_machine("systemctl is-system-running") == "running"
    active = "systemctl is-active jupyter fastai-idle-stop.timer ssh systemd-logind"
    assert on_machine(active).splitlines() == ["active"] * 4
    assert changes(stack) == {}


def test_what_the_stack_installed_belongs_to_root_and_may_be_read(on_machine: OnMachine) -> None:
    found = on_machine("find /usr/local/lib/fastai /etc/systemd/system/jupyter.service -printf '%u %#m %p\n'")
    for line in found.splitlines():
        user, mode, path = line.split(" ", 2)
        assert (user, int(mode, 8) & 0o022, int(mode, 8) & 0o004) == ("root", 0, 0o004), path
    assert on_machine("sudo visudo --check --quiet && sudo sshd -t && echo fine") == "fine"


def test_the_token_and_the_passwords_are_in_no_argument_log_or_readable_file(
    stack: PulumiStack, on_machine: OnMachine
) -> None:
    on_machine("sudo journalctl --sync")
    journal = on_machine(
        "sudo journalctl --no-pager; ps -eo args; cat ~/.local/state/fastai/steps/*/* 2>/dev/null"
    )
    for secret in (outputs(stack)["notebook_token"], USER_PASSWORD, ROOT_PASSWORD):
        assert secret not in journal
    assert on_machine("stat -c %a ~/.jupyter/notebook_token") == "600"


@pytest.mark.parametrize(("password", "let_in"), [(USER_PASSWORD, True), (ROOT_PASSWORD, False)])
def test_the_set_password_logs_in_over_ssh(stack: PulumiStack, password: str, let_in: bool) -> None:
    place = login(stack)

    async def attempt() -> bool:
        try:
            only_password = {"client_keys": None, "agent_path": None, "preferred_auth": "password"}
            known = ([asyncssh.import_public_key(place.host_key)], [], [])
            who = {"username": place.user, "password": password}
            async with asyncssh.connect(place.host, place.port, known_hosts=known, **who, **only_password):
                return True
        except asyncssh.PermissionDenied:
            return False

    assert asyncio.run(attempt()) is let_in


def test_sudo_and_su_take_the_set_passwords_and_no_others(on_machine: OnMachine) -> None:
    def accepted(command: str, password: str) -> bool:
        return on_machine(f"{command} <<<'{password}' >/dev/null 2>&1 && echo yes || echo no") == "yes"

    assert accepted("sudo -k; sudo -S -v", USER_PASSWORD)
    assert not accepted("sudo -k; sudo -S -v", ROOT_PASSWORD)
    assert accepted("su root -c true", ROOT_PASSWORD)
    assert not accepted("su root -c true", USER_PASSWORD)


def test_a_service_that_was_stopped_is_seen_and_put_right(stack: PulumiStack, on_machine: OnMachine) -> None:
    on_machine("sudo systemctl stop jupyter fastai-idle-stop.timer")
    planned = changes(stack)
    assert set(planned) == {"jupyter", "idle-stop"}
    assert "drift: jupyter is not running" in planned["jupyter"]
    stack.up()
    assert on_machine("systemctl is-active jupyter fastai-idle-stop.timer").split() == ["active", "active"]
    assert changes(stack) == {}


def test_a_killed_jupyter_is_restarted_by_systemd(stack: PulumiStack, on_machine: OnMachine) -> None:
    before = on_machine("systemctl show jupyter --property MainPID --value")
    on_machine("sudo systemctl kill --signal KILL jupyter")
    again = f"systemctl show jupyter --property MainPID --value; {NOTEBOOK}"
    wait_until(lambda: reachable(on_machine, again) not in ("", "0", before), "jupyter runs again")
    assert changes(stack) == {}


def test_everything_survives_a_reboot_from_inside(stack: PulumiStack, on_machine: OnMachine) -> None:
    booted = "cat /proc/sys/kernel/random/boot_id"
    before = on_machine(booted)
    told(on_machine, "sudo systemctl reboot")
    wait_until(lambda: reachable(on_machine, booted) not in ("", before), "the machine is up again")
    assert changes(stack) == {}
    stack.up()  # the proof: the notebook answers through a tunnel


def test_everything_survives_a_stop_and_a_start(
    stack: PulumiStack, sandbox: Sandbox, on_machine: OnMachine
) -> None:
    stack.run("config", "set", "power", "stopped", "--stack", stack.name)
    stack.up()
    assert [machine["state"] for machine in sandbox.state()["machines"]] == ["off"]
    stack.run("config", "rm", "power", "--stack", stack.name)
    stack.up()
    assert on_machine("systemctl is-active jupyter") == "active"
    assert changes(stack) == {}


def test_a_machine_that_powered_itself_off_is_off_for_the_api_and_started_by_the_next_up(
    stack: PulumiStack, sandbox: Sandbox, on_machine: OnMachine
) -> None:
    told(on_machine, "sudo systemctl poweroff")
    wait_until(lambda: sandbox.state()["machines"][0]["state"] == "off", "the API says off")
    assert set(changes(stack)) == {"machine"}
    stack.up()
    assert changes(stack) == {}


def test_destroy_leaves_no_container_no_mount_and_no_disk(
    stack: PulumiStack, sandbox: Sandbox, folder: Path
) -> None:
    stack.destroy()
    state = sandbox.state()
    assert (state["machines"], state["public_ips"], state["startup_scripts"]) == ([], [], [])
    sandbox.settle()
    assert list((folder / "machines").iterdir()) == []
    assert left_behind(folder) == []
