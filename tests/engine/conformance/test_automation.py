"""The Automation API runs unchanged on whichever engine is asked for, local and inline."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation as auto

from tests.engine.conformance.cases import PROGRAMS
from tests.engine.conformance.passphrase import PASSPHRASE

MAIN = "import basics, os\n\nbasics.base(size=int(os.environ.get('SIZE', '1')))\n"


@pytest.fixture
def options(pulumi: Path, tmp_path: Path) -> auto.LocalWorkspaceOptions:
    (tmp_path / "backend").mkdir()
    return auto.LocalWorkspaceOptions(
        pulumi_home=str(tmp_path / "home"),
        pulumi_command=auto.PulumiCommand(root=str(pulumi.parent.parent), skip_version_check=True),
        env_vars={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_BACKEND_URL": f"file://{tmp_path}/backend",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PAPERSPACE_API_URL": "http://127.0.0.1:9/v1",
        },
    )


@pytest.fixture
def stack(options: auto.LocalWorkspaceOptions, tmp_path: Path) -> auto.Stack:
    project = tmp_path / "project"
    shutil.copytree(PROGRAMS, project, ignore=shutil.ignore_patterns("__pycache__"))
    (project / "Pulumi.yaml").write_text("name: conformance\nruntime: python\n")
    (project / "__main__.py").write_text(MAIN)
    return auto.create_or_select_stack("dev", work_dir=str(project), opts=options)


def changes(result: Any) -> dict[str, int]:
    return {str(getattr(key, "value", key)): count for key, count in result.items()}


def test_a_local_program_goes_through_its_life(stack: auto.Stack) -> None:
    events: list[auto.EngineEvent] = []
    assert changes(stack.preview().change_summary) == {"create": 4}
    done = stack.up(message="first", on_event=events.append)
    assert changes(done.summary.resource_changes or {}) == {"create": 4}
    assert done.outputs["serial"].value == "serial of second-1"
    each_step_is_told(events)
    assert changes(stack.up(message="second").summary.resource_changes or {}) == {"same": 4}
    assert [update.message for update in stack.history()] == ["second", "first"]
    assert stack.outputs()["note"].value == "<serial of first-1>"
    assert stack.refresh().summary.result == "succeeded"
    stack.import_stack(stack.export_stack())
    assert changes(stack.preview(expect_no_changes=True).change_summary) == {"same": 4}
    stack.workspace.env_vars["SIZE"] = "2"
    with pytest.raises(auto.CommandError):
        stack.preview(expect_no_changes=True)
    assert changes(stack.destroy().summary.resource_changes or {}) == {"delete": 4}
    assert stack.outputs() == {}


def each_step_is_told(events: list[auto.EngineEvent]) -> None:
    steps = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
    created = {step.urn.rsplit("::", 1)[1] for step in steps if str(step.op.value) == "create"}
    assert created == {"conformance-dev", "default", "first", "second", "third"}
    assert [event for event in events if event.summary_event]
    assert [event.sequence for event in events] == sorted(event.sequence for event in events)


def test_configuration_is_read_back_with_its_secrets(stack: auto.Stack) -> None:
    stack.set_all_config({"token": auto.ConfigValue("hush", secret=True), "plain": auto.ConfigValue("seen")})
    token = stack.get_config("token")
    assert (token.value, token.secret) == ("hush", True)
    assert "hush" not in (Path(stack.workspace.work_dir) / "Pulumi.dev.yaml").read_text()
    assert stack.get_all_config()["conformance:plain"].value == "seen"
    stack.remove_config("plain")
    assert set(stack.get_all_config()) == {"conformance:token"}


def test_a_failing_program_raises_with_its_words(stack: auto.Stack) -> None:
    (Path(stack.workspace.work_dir) / "__main__.py").write_text("raise ValueError('no such luck')\n")
    with pytest.raises(auto.CommandError, match="no such luck"):
        stack.up()


@pytest.fixture
def inline(options: auto.LocalWorkspaceOptions) -> Callable[[pulumi.automation.PulumiFn], auto.Stack]:
    def make(program: auto.PulumiFn) -> auto.Stack:
        return auto.create_or_select_stack("dev", project_name="inline", program=program, opts=options)

    return make


def test_an_inline_program_runs_in_this_process(inline: Callable[[auto.PulumiFn], auto.Stack]) -> None:
    def program() -> None:
        pulumi.export("plain", {"a": [1, 2]})
        pulumi.export("secret", pulumi.Output.secret("hush"))

    stack = inline(program)
    outputs = stack.up().outputs
    assert outputs["plain"].value == {"a": [1, 2]}
    assert (outputs["secret"].value, outputs["secret"].secret) == ("hush", True)
    stack.destroy()
    stack.workspace.remove_stack("dev")
    assert stack.workspace.list_stacks() == []
