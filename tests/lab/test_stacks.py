"""Many students' stacks through the engine: the sandbox's own state shows what was done."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components import archive_skip
from lab import extensions, ledger, lesson_record
from lab.lesson_record import LessonRecord
from provider.client import PaperspaceClient
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.lab.lab_command import LabCommand, ended
from tests.lab.project_files import NAME, make_project, write_student
from tests.waiting import line_with, wait_until


def make_class(pulumi: Path, folder: Path, sandbox: Sandbox) -> LabCommand:
    project = make_project(folder, {"anna": "disk_size: 50", "bob": "disk_size: 100"})
    environment = {"PAPERSPACE_API_URL": sandbox.url, "PAPERSPACE_API_KEY": sandbox.api_key}
    return LabCommand.create(project, pulumi, environment)


@pytest.fixture
def lab(pulumi: Path, tmp_path: Path, sandbox: Sandbox) -> LabCommand:
    return make_class(pulumi, tmp_path / "class", sandbox)


def machine_names(sandbox: Sandbox) -> list[str]:
    return sorted(machine["name"].rsplit("-", 1)[0] for machine in sandbox.state()["machines"])


def results(printed: str) -> dict[str, dict[str, object]]:
    return {result["student"]: result for result in json.loads(printed)["students"]}


def test_a_class_from_preview_to_destroyed(lab: LabCommand, sandbox: Sandbox) -> None:
    files = {path: path.read_text() for path in (lab.project.root / "students").iterdir()}
    printed, _ = lab.run("preview", "--json")
    assert {r["changes"]["create"] for r in results(printed).values()} == {2}  # type: ignore[index]
    assert (machine_names(sandbox), list((lab.project.root / "backend").rglob("*.json"))) == ([], [])

    lab.run("up")
    assert machine_names(sandbox) == ["fastai-anna", "fastai-bob"]

    printed, told = lab.run("preview")
    assert "[2/2]" in told
    assert told.count("no changes") == 2
    assert printed == "preview: 2 ok\n"

    write_student(lab.project.root, "anna", "disk_size: 50\ntemplate: tvimtol9")
    printed, told = lab.run("preview", "anna")
    assert "2 to replace" in told
    assert "would lose the disk: anna" in printed

    printed, told = lab.run("destroy", "bob", code=1)
    assert "1 stack with its machine" in told
    assert "WITHOUT AN ARCHIVE, what is on the disk is lost: bob" in told
    assert "$10.00 a month" in told
    assert machine_names(sandbox) == ["fastai-anna", "fastai-bob"]
    lab.run("destroy", "bob", "--yes")
    assert machine_names(sandbox) == ["fastai-anna"]

    (lab.project.root / "students" / "Pulumi.anna.yaml").write_text("config: [")
    lab.run("destroy", "anna", "--yes")
    state = sandbox.state()
    assert (state["machines"], state["public_ips"], state["startup_scripts"]) == ([], [], [])
    bob = lab.project.root / "students" / "Pulumi.bob.yaml"
    assert bob.read_text() == files[bob]


def test_a_machine_whose_archive_guard_is_gone_is_not_deleted_before_it_is_guarded_again(
    lab: LabCommand, sandbox: Sandbox
) -> None:
    lab.run("up", "anna")
    sandbox.add_fault("DELETE /machines/{id}", "status", status=403, times=9)
    printed, _ = lab.run("destroy", "anna", "--yes", code=1)
    [machine] = sandbox.state()["machines"]
    assert f"anna: machine {machine['id']} STAYS with its disk, running: billed by the hour" in printed
    assert printed.splitlines()[-1] == "First, so that their work is archived again: lab up anna"
    sandbox.clear_faults()

    printed, told = lab.run("destroy", "anna", "--yes", code=1)
    assert f"NOT deleted: anna: machine {machine['id']} would be deleted without an archive" in told
    assert "To archive it: lab up anna, then lab destroy anna --yes" in printed
    assert "Again for those" not in printed
    assert machine_names(sandbox) == ["fastai-anna"]

    lab.run("up", "anna")
    lab.run("destroy", "anna", "--yes")
    assert sandbox.state()["machines"] == []


def test_who_lets_a_disk_go_may_delete_an_unguarded_machine(lab: LabCommand, sandbox: Sandbox) -> None:
    lab.run("up")
    sandbox.add_fault("DELETE /machines/{id}", "status", status=403, times=9)
    lab.run("destroy", "--yes", code=1)
    sandbox.clear_faults()
    write_student(lab.project.root, "anna", "archive: off")
    [bob] = [machine["id"] for machine in sandbox.state()["machines"] if "bob" in machine["name"]]
    skipping = replace(lab, environment={**lab.environment, archive_skip.VARIABLE: bob})
    _, told = skipping.run("destroy", "--yes")
    assert "  anna: its file says archive: off\n" in told
    assert f"  bob: {archive_skip.VARIABLE} names the machine\n" in told
    assert sandbox.state()["machines"] == []


def test_a_whole_class_names_whose_file_is_gone_and_destroys_it_only_by_name(
    lab: LabCommand, sandbox: Sandbox
) -> None:
    write_student(lab.project.root, "kim", "disk_size: 50")
    lab.run("up", "kim")
    kim = lab.project.student_file("kim")
    kim.rename(lab.project.root / "elsewhere.yaml")
    note = "Not in the class, as the file is gone: kim; lab destroy kim --yes"
    for command in ("status", "stop"):
        assert note in lab.run(command)[1]
    assert note in lab.run("report", "--no-look")[1]
    assert states(sandbox) == ["ready"]
    assert note in lab.run("destroy", "--yes", code=1)[1]
    assert machine_names(sandbox) == ["fastai-kim"]
    (lab.project.root / "Pulumi.kim.yaml").write_text("")
    assert note not in lab.run("status")[1], "a single stack that shares the backend"


def rates_written(lab: LabCommand) -> list[float]:
    """USD an hour of each sample in the ledger, whichever month it is."""
    lines = [
        line
        for path in sorted((lab.project.private / "ledger").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    return [sample.hourly for sample in ledger.parsed(lines)]


def states(sandbox: Sandbox) -> list[str]:
    return [machine["state"] for machine in sandbox.state()["machines"]]


def test_machines_are_switched_by_the_api_and_the_preview_tells_the_truth(
    lab: LabCommand, sandbox: Sandbox
) -> None:
    lab.run("up", "anna")
    _, told = lab.run("stop")
    assert states(sandbox) == ["off"]
    assert "anna: ok  stopped" in told
    assert rates_written(lab) == [0.45, 0.0]
    assert "bob: -  no stack" in told
    [anna, bob] = json.loads(lab.run("status", "--json")[0])
    assert (anna["state"], anna["hourly_now"], anna["monthly_fixed"]) == ("off", 0.0, 8.0)
    assert bob["state"] == "no machine"
    assert "1 to update" in lab.run("preview", "anna")[1]
    assert "already off" in lab.run("stop", "anna")[1]
    assert "anna  the machine is off; lab start anna" in lab.run("extend", "anna", code=1)[0]
    assert lab.run("extend")[0] == "extend: 2 not on\n"
    before = len(rates_written(lab))
    lab.run("start", "anna")
    assert states(sandbox) == ["ready"]
    assert rates_written(lab)[before:] == [0.0, 0.45]
    assert "anna: ok  no changes" in lab.run("preview", "anna")[1]
    assert "1 ready, 1 no machine. Running now: $0.45 an hour" in lab.run("status")[0]
    audit = json.loads(lab.run("audit", "--json", code=1)[0])
    assert [finding["kind"] for finding in audit["findings"]] == ["silent"]
    assert [(s["student"], s["planned"]) for s in audit["students"]] == [("anna", 27.5), ("bob", 29.5)]


def test_the_timetable_leaves_out_who_was_kept_on_and_tries_again_where_it_failed(
    lab: LabCommand, sandbox: Sandbox
) -> None:
    (lab.project.root / "class.yaml").write_text(
        "lessons:\n  - {days: [mon], begins: '10:00', ends: '12:00'}\n"
    )
    lab.run("up")
    until = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    extensions.record(lab.project, {"bob": until}, datetime(2026, 11, 23, tzinfo=UTC))
    _, told = lab.run("lesson", "--at", "2026-11-23T12:05")
    assert "bob stays on until Mon 14:00" in told
    assert {m["name"].split("-")[1]: m["state"] for m in sandbox.state()["machines"]} == {
        "anna": "off",
        "bob": "ready",
    }
    lab.run("lesson", "--at", "2026-11-23T09:50")
    assert states(sandbox) == ["ready", "ready"]
    lab.run_step("hours.yml", "Start or stop", DO="stop", STUDENTS="anna")
    assert sorted(states(sandbox)) == ["off", "ready"]
    lab.run_step("hours.yml", "Start or stop", DO="start", STUDENTS="")
    assert states(sandbox) == ["ready", "ready"]
    (lab.project.root / "class.yaml").unlink()
    record = LessonRecord(looked=datetime.now(UTC), switch="stop", again=("anna", "gone"))
    lesson_record.save(lab.project, record)
    printed, _ = lab.run("lesson", "--json")
    assert [(r["student"], r["outcome"]) for r in json.loads(printed)["students"]] == [("anna", "succeeded")]
    assert sorted(states(sandbox)) == ["off", "ready"]
    assert lesson_record.load(lab.project).again == ()
    deleted_behind_pulumis_back(lab, sandbox)


def deleted_behind_pulumis_back(lab: LabCommand, sandbox: Sandbox) -> None:
    [machine] = [m for m in sandbox.state()["machines"] if m["name"].startswith("fastai-anna")]
    with PaperspaceClient(sandbox.api_key, sandbox.url) as client:
        client.delete(f"/machines/{machine['id']}")
    sandbox.settle()
    assert json.loads(lab.run("status", "anna", "--json")[0])[0]["state"] == "gone"
    assert "is not in this account" in lab.run("start", "anna", code=1)[0]


def test_one_failure_stops_nobody_else_and_is_named_with_its_reason(
    lab: LabCommand, sandbox: Sandbox
) -> None:
    write_student(lab.project.root, "carl", "disk_sise: 50")
    write_student(lab.project.root, "dora", "template: no-such-template")
    printed, _ = lab.run("up", code=1)
    assert machine_names(sandbox) == ["fastai-anna", "fastai-bob"]
    assert printed.startswith("up: 2 ok, 2 failed\n")
    [carl] = [line for line in printed.splitlines() if line.startswith("  carl")]
    assert "students/Pulumi.carl.yaml:2: disk_sise: there is no such key" in carl
    [dora] = [line for line in printed.splitlines() if line.startswith("  dora")]
    assert "no-such-template" in dora
    assert printed.splitlines()[-1] == "Again for those: lab up carl dora"


def test_a_stack_over_the_classs_budget_is_not_even_previewed(lab: LabCommand, sandbox: Sandbox) -> None:
    (lab.project.root / "class.yaml").write_text("budget_per_student: 30\n")
    write_student(lab.project.root, "bob", "machine_types: [A100]")
    printed, _ = lab.run("up", code=1)
    assert "bob  over budget: A100 costs" in printed
    assert machine_names(sandbox) == ["fastai-anna"]


def test_a_class_over_its_budget_is_previewed_as_failing_and_not_brought_up(
    lab: LabCommand, sandbox: Sandbox
) -> None:
    (lab.project.root / "class.yaml").write_text("budget_of_class: 30\n")
    _, told = lab.run("preview", code=1)
    assert "error: `lab up` will refuse: the class costs 57.00 USD a month, class.yaml allows 30.00" in told
    _, told = lab.run("up", code=1)
    assert "error: the class costs 57.00 USD" in told
    assert sandbox.state()["machines"] == []


def test_a_file_goes_only_when_its_stack_holds_nothing_any_more(lab: LabCommand) -> None:
    roster = lab.project.root / "class.csv"
    roster.write_text("student\nanna\nbob\n")
    lab.run("roster", "apply", "class.csv")
    lab.run("up", "bob")
    roster.write_text("student\nanna\n")
    assert "bob is not on the list any more" in lab.run("roster", "apply", "class.csv")[0]
    _, told = lab.run("roster", "apply", "class.csv", "--remove", code=1)
    assert "first: lab destroy bob --yes" in told
    assert lab.project.student_file("bob").exists()
    lab.project.student_file("bob").unlink()
    lab.run("destroy", "bob", "--yes")
    lab.project.student_file("bob").write_text("")
    assert lab.run("roster", "apply", "class.csv", "--remove")[0].splitlines() == [
        "- bob: file deleted",
        "0 added, 0 changed, 1 unchanged, 0 not on the list any more.",
    ]
    assert [student.name for student in lab.project.class_members()] == ["anna"]
    assert "0 not on the list" in lab.run("roster", "apply", "class.csv")[0]


def has_stopped(lab: LabCommand, student: str) -> bool:
    """Whether the student's `pulumi` begins nothing any more: only then may the clock let its create end."""
    [log] = lab.project.root.rglob(f"{student}.log")
    return "received; cancelling" in log.read_text()


def test_ctrl_c_lets_running_creates_finish_and_the_next_run_goes_on(pulumi: Path, tmp_path: Path) -> None:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.manual()) as sandbox:
        lab = make_class(pulumi, tmp_path / "class", sandbox)
        with lab.start("up", "--parallel", "1", "--json") as up:
            wait_until(lambda: bool(sandbox.state()["machines"]), "a machine was asked for", process=up)
            up.send_signal(signal.SIGINT)
            line_with(up, "^Interrupted:", up.stderr)
            wait_until(lambda: has_stopped(lab, "anna"), "pulumi took the interrupt", process=up)
            printed = ended(up, sandbox)
        assert up.returncode == 130
        assert {r["outcome"] for r in results(printed).values()} == {"interrupted"}
        assert machine_names(sandbox) == ["fastai-anna"]
        with lab.start("up", "--json") as up:
            assert {r["outcome"] for r in results(ended(up, sandbox)).values()} == {"succeeded"}
        assert machine_names(sandbox) == ["fastai-anna", "fastai-bob"]


def test_a_backend_that_cannot_be_listed_is_an_error_and_not_an_empty_class(lab: LabCommand) -> None:
    elsewhere = replace(lab, environment={**lab.environment, "PULUMI_BACKEND_URL": "nowhere://class"})
    _, told = elsewhere.run("up", code=1)
    assert "error: pulumi stack ls" in told


def test_refresh_and_destroy_of_a_student_without_a_stack_have_nothing_to_do(lab: LabCommand) -> None:
    printed, told = lab.run("refresh", "anna")
    assert "no stack, nothing to do" in told
    assert printed == "refresh: 1 without a stack\n"


def test_an_engine_that_breaks_is_told_by_its_own_last_words(lab: LabCommand, tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "bin" / "pulumi"
    broken.parent.mkdir(parents=True)
    broken.write_text(
        '#!/bin/sh\n[ "$1" = stack ] && echo "[]" && exit 0\n'
        "printf 'Traceback (most recent call last):\\n  File x\\nRuntimeError: no memory left\\n'; exit 70\n"
    )
    broken.chmod(0o755)
    printed, _ = replace(lab, pulumi=broken).run("up", "anna", code=1)
    assert "anna  RuntimeError: no memory left" in printed


def test_a_lock_of_a_run_that_was_killed_is_told_with_the_command_that_ends_it(lab: LabCommand) -> None:
    locks = lab.project.root / "backend" / ".pulumi" / "locks" / "organization" / NAME / "anna"
    locks.mkdir(parents=True)
    held = {"pid": 123, "username": "ina", "hostname": "desk", "timestamp": "2026-11-23T12:00:00Z"}
    (locks / "killed.json").write_text(json.dumps(held))
    printed, _ = lab.run("up", "anna", code=1)
    assert "anna  the stack is locked by ina@desk (pid 123) at 2026-11-23T12:00:00Z; wait" in printed
    [command] = [line.partition("first: ")[2] for line in printed.splitlines() if "first: " in line]
    subprocess.run(command, shell=True, check=True, cwd=lab.project.root, env=lab.variables())
    assert list(locks.glob("*.json")) == []


def test_ctrl_c_before_anything_is_deleted_says_so(lab: LabCommand, tmp_path: Path) -> None:
    slow = tmp_path / "slow" / "bin" / "pulumi"
    slow.parent.mkdir(parents=True)
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nexec sleep 600\n")
    slow.chmod(0o755)
    with replace(lab, pulumi=slow).start("destroy", "--yes") as destroy:
        wait_until((tmp_path / "asked").exists, "the stacks were asked for", process=destroy)
        destroy.send_signal(signal.SIGINT)
        _, told = destroy.communicate(timeout=60)
    assert (destroy.returncode, told.splitlines()[-1]) == (130, "Interrupted; nothing was deleted.")
