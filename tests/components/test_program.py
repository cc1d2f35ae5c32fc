"""The student's program through the engine under test: configuration errors, and a machine's life."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components import archive_files
from sandbox.guest import upstream
from sandbox.guest.guests import SshGuests
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.conftest import PROJECT
from tests.pulumi_stack import PulumiStack
from tests.student_stack import changes, life, outputs, student

STEPS = {"fastai", "jupyter", "idle-stop", "authorized-keys", "passwords"}
RECORD = "anaconda3/envs/fastai/fastai.record"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate(), make_guests=SshGuests) as world:
        yield world


SLOW_TO_IMPORT = ("requests", "stamina", "cryptography", "asyncssh", "provider.client", "provider.models")


def test_a_program_is_imported_without_what_only_logins_and_providers_need() -> None:
    loaded = (
        "import sys, components.configuration, components.workstation\n"
        f"print([name for name in {SLOW_TO_IMPORT} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", loaded], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"


@pytest.fixture
def api_only(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as world:
        yield world


def test_everything_wrong_with_a_configuration_is_told_at_once_and_nothing_is_made(
    pulumi: Path, tmp_path: Path, api_only: Sandbox
) -> None:
    stack = student(
        pulumi,
        tmp_path,
        api_only,
        disk_size="70",
        template="fast.ay",
        power="asleep",
        tempo="x",
        ssh_port="0",
    )
    printed = stack.run("up", "--yes", "--skip-preview", "--stack", "anna", code=1)
    for told in (
        "disk_size = ",
        "70",
        "template",
        "Fast.ai",
        "power = ",
        "tempo: there is no such key",
        "ssh_port",
    ):
        assert told in printed
    assert "Traceback" not in printed
    assert {"Machine", "KeyPair"}.isdisjoint(types(stack))
    assert api_only.state()["machines"] == []


def test_a_missing_key_is_told_with_where_to_put_one(pulumi: Path, tmp_path: Path, api_only: Sandbox) -> None:
    stack = student(pulumi, tmp_path, api_only)
    keyless = PulumiStack(pulumi, stack.folder, "anna", {**stack.environment, "PAPERSPACE_API_KEY": ""})
    printed = keyless.run("preview", "--stack", "anna", code=1)
    assert "PAPERSPACE_API_KEY" in printed
    assert "Traceback" not in printed


def test_the_life_of_a_students_machine(pulumi: Path, tmp_path: Path, sandbox: Sandbox) -> None:
    stack = student(pulumi, tmp_path, sandbox, ssh_port="2222", public_ip_type="dynamic")
    on_machine = life(stack)

    preview = ("preview", "--stack", "anna")
    assert "M4000: $0.45 an hour while it runs" in stack.run(*preview)
    stack.up()
    a_preview_without_changes_asks_two_things_and_tells_no_price(stack, sandbox)

    before = on_machine("git -C fastai rev-parse HEAD")
    on_machine("sudo systemctl stop jupyter && echo mine >>fastai/README.md")
    after = upstream.publish(tmp_path / "sandbox", "New lesson", files={"courses/dl1/lesson9.ipynb": "{}"})
    planned = changes(stack)
    assert set(planned) == {"jupyter"}, "fastai was updated not long ago"
    assert "drift: jupyter is not running" in planned["jupyter"]

    on_machine(f"sed -i s/^updated=.*/updated=$(date -d '23 days ago' +%s)/ {RECORD}")
    on_machine("sudo tee /etc/nvidia-gpu <<<'Quadro M4000'")
    planned = changes(stack)
    assert set(planned) == {"fastai", "jupyter"}
    due = f"fastai: revision {before[:7]} -> {after[:7]}, 1 commit; last updated 23 days ago, every 21"
    assert due in planned["fastai"]
    stack.up()
    seen = "git -C fastai rev-parse HEAD; tail -n 1 fastai/README.md; ls fastai/courses/dl1/tmp-lesson9.ipynb"
    assert on_machine(seen).splitlines() == [after, "mine", "fastai/courses/dl1/tmp-lesson9.ipynb"]
    lock = on_machine("cat anaconda3/envs/fastai/fastai.lock.yml; ls anaconda3/envs/fastai/lib/*/*/torch.py")
    assert lock.startswith(f"# fastai {after}")
    assert "- notebook==" in lock

    address = outputs(stack)["ssh_host"]
    sandbox.power_off(sandbox.state()["machines"][0]["id"])
    assert set(changes(stack)) == {"machine"}
    stack.up()
    assert outputs(stack)["ssh_host"] != address, "a dynamic address is another one after a start"
    seen = on_machine("systemctl is-active jupyter; ls .local/state/fastai/steps/passwords").split()
    assert seen[0] == "active"
    assert "log.previous" not in seen, "another address is an update that runs no body again"
    assert changes(stack) == {}

    assert f"fastai is back at {before[:7]}" in on_machine("sudo rm /etc/nvidia-gpu; fastai-rollback")
    assert on_machine("git -C fastai rev-parse HEAD; tail -n 1 fastai/README.md").split() == [before, "mine"]
    assert f"fastai: revision {before[:7]}, rolled back from {after[:7]}" in changes(stack)["fastai"]

    commands_are_such_as_pulumi_command_takes_well(stack)
    no_secret_is_readable_in_the_state(stack)
    destroys_once_the_home_folder_is_saved(stack, sandbox, on_machine)
    comes_back_on_a_new_machine(stack, sandbox, on_machine)


def a_preview_without_changes_asks_two_things_and_tells_no_price(
    stack: PulumiStack, sandbox: Sandbox
) -> None:
    sandbox.add_fault("*", "slow", seconds=0, times=9)  # harmless, and counts the requests
    printed = stack.run("preview", "--expect-no-changes", "--stack", stack.name)
    assert "an hour while it runs" not in printed
    assert [fault["used"] for fault in sandbox.faults()] == [2], "the machine and its startup script"
    sandbox.clear_faults()


def comes_back_on_a_new_machine(
    stack: PulumiStack, sandbox: Sandbox, on_machine: Callable[[str], str]
) -> None:
    archives = stack.folder / "fastai-archives"
    stack.run("config", "set", "restore_from", str(archives / "wrong.tar.gz"), "--stack", stack.name)
    refused = stack.run("up", "--yes", "--skip-preview", "--stack", stack.name, code=1)
    assert "restore_from = " in refused
    assert archive_files.list_archives(archives, "anna")[0].path.name in refused
    assert sandbox.state()["machines"] == []

    stack.run("config", "set", "restore_from", "latest", "--stack", stack.name)
    stack.up()
    assert on_machine("cat notes.txt; tail -n 1 fastai/README.md; systemctl is-active jupyter").split() == [
        "work", "mine", "active",
    ]  # fmt: skip
    assert on_machine("ls -d before-restore-*/fastai")
    archives.rename(archives.with_name("moved"))
    assert changes(stack) == {}


def destroys_once_the_home_folder_is_saved(
    stack: PulumiStack, sandbox: Sandbox, on_machine: Callable[[str], str]
) -> None:
    on_machine("echo work >notes.txt && mkdir -p .cache && echo x >.cache/x")
    home = set(on_machine("find . -type f -not -path '*/__pycache__/*'").splitlines())
    told = stack.destroy()
    [archive] = archive_files.list_archives(stack.folder / "fastai-archives", "anna")
    assert str(archive.path) in told
    held = {f"./{path}" for path, _, _ in archive_files.verify(archive.path).files}
    assert {"./notes.txt", "./fastai/README.md", "./fastai/.git/HEAD"} <= held
    assert {path.split("/")[1] for path in home - held} <= {
        "anaconda3",
        ".cache",
        ".local",
        ".ssh",
        ".jupyter",
    }
    left = sandbox.state()
    assert (left["machines"], left["public_ips"], left["startup_scripts"]) == ([], [], [])


def commands_are_such_as_pulumi_command_takes_well(stack: PulumiStack) -> None:
    """The traps of pulumi-facts.md C that a step's inputs must keep out of."""
    machine_id = outputs(stack)["machine_id"]
    commands = {
        name: each for name, each in stack.resources().items() if each["type"] == "command:remote:Command"
    }
    assert set(commands) == STEPS
    for command in commands.values():
        inputs = command["inputs"]
        assert not inputs.keys() & {"delete", "update", "environment"}, "a dead machine holds no destroy up"
        assert inputs["triggers"] == [machine_id], "any other trigger would replace"
        assert inputs["addPreviousOutputInEnv"] is False, "sshd refuses it, or dies of it"
        assert len(inputs["create"]) < 1000, "it is an argument on the machine, and printed when it fails"


def no_secret_is_readable_in_the_state(stack: PulumiStack) -> None:
    secrets = outputs(stack)
    state = "".join(path.read_text(errors="replace") for path in (stack.folder / "backend").rglob("*.json"))
    assert secrets["notebook_token"] not in state
    assert secrets["private_key"].splitlines()[2] not in state


def types(stack: PulumiStack) -> set[str]:
    return {resource["type"].rpartition(":")[2] for resource in stack.resources().values()}
