"""Either engine takes over a stack from the other at any time, on the same backend, without a change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pulumi import automation as auto

from tests.engine.command.machines import Machine, in_process
from tests.engine.conformance.stack import Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.real_engine

SEQUENCES = {
    "basics": ["base", "update", "replace", "remove"],
    "components": ["base", "update", "replace"],
    "hidden": ["base", "update", "replace", "remove"],
    "guarded": ["base", "remove", "last"],
    "ignoring": ["base", "update", "replace"],
    "first_gone": ["base", "update", "replace"],
    "renamed": ["base", "update", "replace"],
    "reading": ["alone", "base", "update"],
    "commands": ["base", "update", "replace"],
}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    (tmp_path / "machine").mkdir()
    with in_process(tmp_path / "machine") as running:
        yield running


@pytest.mark.parametrize("program", SEQUENCES)
def test_engines_that_take_turns_see_no_change_in_what_the_other_did(
    program: str, sandbox_pulumi: Path, real_pulumi: Path, machine: Machine, tmp_path: Path
) -> None:
    """Odd steps are brought up by the sandbox engine, even ones by the real CLI."""
    facts = {"port": machine.port, "key": machine.key, "host_key": machine.host_key}
    environment = {"MACHINE": json.dumps(facts), "TARGET": str(machine.home / "target")}
    mine = Stack(sandbox_pulumi, tmp_path, program, environment)
    theirs = replace(mine, executable=real_pulumi)
    mine.create()
    for number, step in enumerate(SEQUENCES[program]):
        doer, watcher = (mine, theirs) if number % 2 == 0 else (theirs, mine)
        doer.run("up", "--yes", "--skip-preview", step=step, check=True)
        watcher.run("preview", "--expect-no-changes", step=step, check=True)
    watcher.run("destroy", "--yes", "--skip-preview", step=SEQUENCES[program][-1], check=True)


def test_an_export_of_either_is_imported_by_the_other(
    sandbox_pulumi: Path, real_pulumi: Path, tmp_path: Path
) -> None:
    for first, second in ((sandbox_pulumi, real_pulumi), (real_pulumi, sandbox_pulumi)):
        here = Stack(first, tmp_path / first.parent.parent.name, "hidden")
        here.directory.mkdir()
        here.create()
        here.run("up", "--yes", "--skip-preview", step="base", check=True)
        exported = here.run("stack", "export", "--show-secrets", check=True).stdout
        there = Stack(second, tmp_path / f"after {first.parent.parent.name}", "hidden")
        there.directory.mkdir()
        there.create()
        (there.project / "state.json").write_text(exported)
        there.run("stack", "import", "--file", "state.json", check=True)
        there.run("preview", "--expect-no-changes", step="base", check=True)


def test_each_lets_go_of_a_stack_that_the_other_has_locked(
    sandbox_pulumi: Path, real_pulumi: Path, tmp_path: Path
) -> None:
    """A lock of either stops the other, which names it; `cancel` removes it."""
    stack = Stack(sandbox_pulumi, tmp_path, "basics")
    stack.create()
    locks = tmp_path / "backend/.pulumi/locks/organization/conformance/dev"
    for executable in (sandbox_pulumi, real_pulumi):
        locks.mkdir(parents=True, exist_ok=True)
        lock = {"pid": 1, "username": "x", "hostname": "y", "timestamp": "2026-01-01T00:00:00Z"}
        (locks / "6e1b8a4e-0000-4000-8000-000000000000.json").write_text(json.dumps(lock))
        other = replace(stack, executable=executable)
        refused = other.run("up", "--yes", "--skip-preview", step="base")
        assert refused.exit_code != 0
        assert "currently locked" in refused.stderr + refused.stdout
        other.run("cancel", "--yes", "dev", check=True)
        other.run("up", "--yes", "--skip-preview", step="base", check=True)


def _kill_while_it_creates(stack: Stack) -> None:
    process = stack.start("up", "--yes", "--skip-preview", step="base")
    try:
        wait_until((stack.project / "waiting").exists, "a create waits")
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("first", ["sandbox", "real"])
def test_each_goes_on_where_the_other_was_killed(
    first: str, sandbox_pulumi: Path, real_pulumi: Path, tmp_path: Path
) -> None:
    """The pending operation of the killed one is seen, and the next run makes what was not made."""
    order = (sandbox_pulumi, real_pulumi) if first == "sandbox" else (real_pulumi, sandbox_pulumi)
    killed = Stack(order[0], tmp_path, "slow")
    killed.create()
    _kill_while_it_creates(killed)
    pending = killed.state()["checkpoint"]["latest"]["pending_operations"]
    # the real CLI writes in the background and may not have noted the end of `first`
    assert ("creating", "slow") in [
        (item["type"], item["resource"]["urn"].rsplit("::", 1)[1]) for item in pending
    ]
    (killed.project / "go").touch()
    other = replace(killed, executable=order[1])
    other.run("cancel", "--yes", "dev", check=True)
    done = other.run("up", "--yes", "--skip-preview", step="base", check=True)
    assert "pending" in (done.stdout + done.stderr)
    urns = {item["urn"].rsplit("::", 1)[1] for item in other.state()["checkpoint"]["latest"]["resources"]}
    assert {"first", "slow"} <= urns
    killed.run("preview", "--expect-no-changes", step="base", check=True)


def test_the_automation_api_changes_engines_on_one_stack(
    sandbox_pulumi: Path, real_pulumi: Path, tmp_path: Path
) -> None:
    basis = Stack(sandbox_pulumi, tmp_path, "basics")
    basis.create()

    def through(executable: Path) -> auto.Stack:
        environment = {**basis.environment_of("base"), "PULUMI_BACKEND_URL": f"file://{tmp_path}/backend"}
        options = auto.LocalWorkspaceOptions(
            pulumi_command=auto.PulumiCommand(root=str(executable.parent.parent), skip_version_check=True),
            env_vars=environment,
        )
        return auto.select_stack("dev", work_dir=str(basis.project), opts=options)

    assert through(sandbox_pulumi).up().outputs["serial"].value == "serial of second-1"
    through(real_pulumi).preview(expect_no_changes=True)
    assert through(real_pulumi).up().summary.result == "succeeded"
    through(sandbox_pulumi).preview(expect_no_changes=True)
    assert through(real_pulumi).refresh().summary.result == "succeeded"
    assert through(sandbox_pulumi).destroy().summary.result == "succeeded"
    assert through(real_pulumi).outputs() == {}
