"""Commands, flags, safety, and what people and scripts get to read."""

from __future__ import annotations

import json
import re

import pytest

from sandbox.engine.cli import parse
from sandbox.engine.errors import CommandError
from tests.engine.workbench import Workbench

ONE = 'a = Thing("a", size=1, pw=pulumi.Output.secret("hush-hush"))\npulumi.export("address", a.address)'


@pytest.mark.usefixtures("sandbox_only")
def test_what_it_does_not_know_is_refused_with_the_real_clis_name(bench: Workbench) -> None:
    for words in ("frobnicate", "up --frobnicate", "stack frobnicate", "up --plan x"):
        assert "the real Pulumi CLI" in bench.run(*words.split(), code=1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--stack dev preview --diff", {"function": "run_commands:preview", "stack": "dev", "diff": True}),
        ("-s dev -C there up -yf", {"stack": "dev", "cwd": "there", "yes": True, "skip_preview": True}),
        ("--non-interactive stack --stack=dev output a", {"stack": "dev", "name": "a"}),
        (
            "up --yes=false --refresh --skip-preview=true",
            {"yes": False, "refresh": True, "skip_preview": True},
        ),
        ("up --refresh=false", {"refresh": False}),
        ("config set --path a.b -- -1", {"function": "config_commands:set", "value": "-1", "path": True}),
    ],
)
def test_flags_are_taken_before_and_after_the_commands_name(words: str, expected: dict[str, object]) -> None:
    assert vars(parse(words.split())).items() >= expected.items()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--yes up", "unknown flag: --yes"),  # "up" is taken for its value, as by the CLI
        ("stack --json ls", "unknown flag: --json"),
        ("stack nosuch", 'unknown command "nosuch" for "pulumi stack"'),
        ("up --ye", "unknown flag: --ye"),
        ("up --yes=perhaps", "'perhaps' is neither true nor false"),
        ("config set --plaintext --secret a b", "--secret: not allowed with argument --plaintext"),
    ],
)
def test_flags_of_another_command_are_refused(words: str, complaint: str) -> None:
    with pytest.raises(CommandError, match=re.escape(complaint)):
        parse(words.split())


@pytest.mark.usefixtures("sandbox_only")
def test_an_endpoint_off_this_machine_is_refused_with_the_install_line(bench: Workbench) -> None:
    for endpoint in ("", "https://api.paperspace.com/v1", "http://10.0.0.7/v1"):
        bench.environment["PAPERSPACE_API_URL"] = endpoint
        for command in ("preview", "up --yes", "refresh --yes", "destroy --yes"):
            output = bench.run(*command.split(), code=1)
            assert "curl -fsSL https://get.pulumi.com | sh -s -- --version 3.272.0" in output


@pytest.mark.usefixtures("sandbox_only")
def test_every_run_says_in_one_line_that_it_is_the_sandbox_engine(bench: Workbench) -> None:
    bench.program(ONE)
    with bench.start("preview") as process:
        _, err = process.communicate()
    assert err.startswith("sandbox engine:")
    assert err.count("\n") == 1


def test_the_preview_shows_each_change_and_never_a_secret(bench: Workbench) -> None:
    bench.up(ONE)
    bench.program(ONE.replace("size=1", "size=2").replace("hush-hush", "hush-hush-hush") + '\nThing("b")')
    for flags in ([], ["--diff"], ["--json"]):
        assert "hush" not in bench.run("preview", *flags)
    assert " ~  pulumi-python:dynamic/things:Thing a update [diff: ~pw,size]" in bench.run("preview")
    diff = bench.run("preview", "--diff")
    assert "~ pw  : [secret] => [secret]" in diff
    assert "~ size: 1 => 2" in diff
    assert diff.count("name") == 1  # of what is made; what does not change is left out
    assert "    + 1 to create\n    ~ 1 to update\n    2 changes. 1 unchanged" in diff


def test_unknown_values_are_shown_as_such(bench: Workbench) -> None:
    bench.program(ONE + '\nThing("b", of=a.address)')
    assert re.search(r"of +: \[unknown\]", bench.run("preview", "--diff"))


def test_expecting_no_changes_is_code_seven_when_there_are_some(bench: Workbench) -> None:
    bench.up(ONE)
    bench.run("preview", "--expect-no-changes")
    bench.program(ONE.replace("size=1", "size=2"))
    assert "no changes were expected" in bench.run("preview", "--expect-no-changes", code=7)


def test_a_stack_that_does_not_exist_is_code_six(bench: Workbench) -> None:
    assert "no stack named 'nope' found" in bench.run("stack", "select", "nope", code=6)
    assert "no stack named 'nope' found" in bench.run("preview", "--stack", "nope", code=6)


def test_two_stacks_of_a_project_are_apart(bench: Workbench) -> None:
    bench.up(ONE)
    bench.run("stack", "init", "second")
    names = {
        stack["name"]: (stack["current"], stack["resourceCount"])
        for stack in bench.json("stack", "ls", "--json")
    }
    assert names == {"dev": (False, 3), "second": (True, 0)}
    assert "stack 'organization/bench/second' already exists" in bench.run("stack", "init", "second", code=1)


def test_a_stack_with_resources_is_removed_only_by_force(bench: Workbench) -> None:
    bench.up(ONE)
    assert "still has resources" in bench.run("stack", "rm", "--yes", "dev", code=1)
    bench.run("stack", "rm", "--yes", "--force", "dev")
    assert not bench.state_file.exists()


def test_a_renamed_stack_has_no_changes(bench: Workbench) -> None:
    bench.up(ONE)
    bench.run("stack", "rename", "renamed")
    bench.run("preview", "--expect-no-changes")


def test_an_exported_state_is_imported_again(bench: Workbench) -> None:
    bench.up(ONE)
    before = bench.state()["resources"]
    exported = bench.directory / "export.json"
    bench.run("stack", "export", "--show-secrets", "--file", str(exported))
    assert "hush-hush" in exported.read_text()
    bench.run("stack", "import", "--file", str(exported))
    assert "hush-hush" not in bench.state_file.read_text()
    assert [each["urn"] for each in bench.state()["resources"]] == [each["urn"] for each in before]
    bench.run("preview", "--expect-no-changes")


def test_a_backend_that_is_no_directory_is_named(bench: Workbench) -> None:
    for directory in (bench.directory / "missing", bench.state_file):
        bench.environment["PULUMI_BACKEND_URL"] = directory.as_uri()
        assert f'unable to open state directory "{directory.as_uri()}"' in bench.run("stack", "ls", code=1)


def test_history_and_backups_are_kept(bench: Workbench) -> None:
    bench.up(ONE)
    bench.steer("fail-b")
    # b waits for a: which of two registrations is first is a race, with the real CLI too
    bench.up(ONE + '\nThing("b", opts=ResourceOptions(depends_on=[a]))', code=1)
    kept = [
        (each["kind"], each["result"], each["resourceChanges"])
        for each in bench.json("stack", "history", "--json")
    ]
    assert kept == [("update", "failed", {"same": 2}), ("update", "succeeded", {"create": 2})]
    environment = bench.json("stack", "history", "--json")[0]["environment"]
    kinds = {"exec.kind": "cli", "pulumi.env.PULUMI_CONFIG_PASSPHRASE": "set", "pulumi.flag.yes": "true"}
    assert environment.items() >= kinds.items()
    assert len(list((bench.directory / "backend/.pulumi/backups/bench/dev").glob("*.json"))) == 2


def test_the_event_log_has_one_numbered_event_a_line(bench: Workbench) -> None:
    log = bench.directory / "events.jsonl"
    bench.up(ONE, "--event-log", str(log))
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert [event["sequence"] for event in events] == list(range(len(events)))
    assert "preludeEvent" in next(event for event in events if "diagnosticEvent" not in event)
    assert "cancelEvent" in events[-1]
    (summary,) = [event["summaryEvent"] for event in events if "summaryEvent" in event]
    assert summary["resourceChanges"] == {"create": 2}
    assert "hush-hush" not in log.read_text()


def test_the_event_log_needs_the_debug_switch_as_with_the_real_cli(bench: Workbench) -> None:
    del bench.environment["PULUMI_DEBUG_COMMANDS"]
    assert "--event-log" in bench.run("up", "--yes", "--event-log", "x", code=1)


def test_options_refresh_always_finds_drift_without_being_asked(bench: Workbench) -> None:
    bench.project("options: {refresh: always}\n")
    bench.up(ONE)
    bench.steer("drift-a", '{"size": 99}')
    document = bench.json("preview", "--json")
    assert document["changeSummary"] == {"same": 1, "update": 1}
    assert [step["op"] for step in document["steps"]][-1] == "update"
    bench.run("preview", "--refresh=false", "--expect-no-changes")
    (bench.world / "drift-a").write_text("null")
    assert "+ 1 to create" in bench.run("preview")


def test_a_destroy_with_refresh_forgets_what_is_gone(bench: Workbench) -> None:
    bench.up(ONE)
    bench.steer("drift-a", "null")
    bench.run("destroy", "--yes", "--skip-preview", "--refresh")
    assert "delete a" not in bench.log()
    assert "resources" not in bench.state()


@pytest.mark.usefixtures("sandbox_only")
def test_what_the_engine_does_not_do_is_refused_by_name(bench: Workbench) -> None:
    output = bench.up('Thing("a", opts=ResourceOptions(import_="id-a"))', code=1)
    assert "importing resources is not supported" in output
    output = bench.up('Thing("a", opts=ResourceOptions(replacement_trigger="1"))', code=1)
    assert "replacement triggers (asked for by pulumi-python:dynamic/things:Thing 'a')" in output
    output = bench.up('pulumi.CustomResource("aws:s3/bucket:Bucket", "b", {})', code=1)
    assert "no provider for package 'aws'" in output


def test_a_program_for_another_interpreter_runs_there(bench: Workbench) -> None:
    venv = bench.directory / "other"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    real = bench.environment["PATH"].split(":")[0] + "/python"
    python.write_text(f'#!/bin/sh\nOTHER_INTERPRETER=yes exec {real} "$@"\n')
    python.chmod(0o755)
    bench.project()
    yaml = bench.program_directory / "Pulumi.yaml"
    yaml.write_text(f"name: bench\nruntime: {{name: python, options: {{virtualenv: {venv}}}}}\n")
    bench.up("import os\npulumi.export('other', os.environ.get('OTHER_INTERPRETER'))\nThing('a')")
    assert bench.json("stack", "output", "--json") == {"other": "yes"}
    assert list(bench.resources()) == ["a"]
