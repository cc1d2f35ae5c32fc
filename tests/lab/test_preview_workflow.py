"""The pull request's way: whom it concerns, previews without any secret, one comment on a played GitHub."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.conftest import PROJECT
from tests.lab.github_api import GitHubApi, serving
from tests.lab.lab_command import LabCommand
from tests.lab.project_files import make_project, write_student
from tests.lab.test_affected import git

WORKFLOW = PROJECT / ".github" / "workflows" / "preview.yml"


def workflow() -> dict[str, object]:
    return yaml.safe_load(WORKFLOW.read_text())


def steps(job: str) -> list[dict[str, object]]:
    return workflow()["jobs"][job]["steps"]  # type: ignore[index, no-any-return]


def test_a_fork_s_code_never_runs_with_secrets_or_a_writing_token() -> None:
    assert set(workflow()[True]) == {"pull_request"}  # type: ignore[call-overload]  # YAML reads `on` as true
    assert workflow()["permissions"] == {"contents": "read"}
    for job in ("affected", "preview", "comment"):
        checkout = steps(job)[0]
        assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}
    [comment] = [step for step in steps("comment") if "secrets." in str(step)] or [None]
    assert comment is None


def test_no_text_of_the_pull_request_is_pasted_into_a_script() -> None:
    scripts = [str(step.get("run", "")) for job in ("affected", "preview", "comment") for step in steps(job)]
    assert [script for script in scripts if "${{" in script] == []


def test_every_script_is_a_shell_script() -> None:
    for job in ("affected", "preview", "comment"):
        for step in steps(job):
            subprocess.run(["bash", "-n", "-c", str(step.get("run", ""))], check=True)


@pytest.fixture
def github() -> Iterator[GitHubApi]:
    with serving(GitHubApi()) as api:
        yield api


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as world:
        yield world


def test_a_pull_request_without_secrets_gets_a_comment_that_tells_the_truth(
    pulumi: Path, tmp_path: Path, sandbox: Sandbox, github: GitHubApi
) -> None:
    project = make_project(tmp_path / "class", {name: "disk_size: 50" for name in ("anna", "bob", "carl")})
    lab = LabCommand.create(
        project,
        pulumi,
        {
            "PAPERSPACE_API_URL": sandbox.url,
            "PAPERSPACE_API_KEY": sandbox.api_key,
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": "token",
            "GITHUB_REPOSITORY": "class/lab",
        },
    )
    git(project.root, "init", "-q", "-b", "main")
    git(project.root, "add", "Pulumi.yaml", "students")
    git(project.root, "commit", "-qm", "base")
    write_student(project.root, "anna", "disk_size: 100")
    write_student(project.root, "bob", "disk_sise: 100")
    write_student(project.root, "dora", "machine_types: [P4000]")
    project.student_file("carl").unlink()
    git(project.root, "add", "students")
    git(project.root, "commit", "-qm", "change")

    students = lab.run("affected", "--base", "HEAD~1")[0].split()
    assert students == ["anna", "bob", "dora"]
    lab.run("preview", "--without-state", "--traces", "traces", *students, code=1)
    words = ("comment", "traces", "--base", "HEAD~1", "--pull-request", "7", "--output", "comment.md")
    lab.run(*words)
    lab.run(*words)
    [comment] = github.comments
    told = comment["body"]
    assert "| ❌ | bob | `students/Pulumi.bob.yaml:2: disk_sise: there is no such key" in told
    assert "| 🔧 | anna | 1 key changed | $27.50 → $29.50 |" in told
    assert "| 🆕 | dora | 1 to create | new: $30.10 |" in told
    assert "The file of carl is deleted" in told
    assert (project.root / "comment.md").read_text().startswith("<!-- lab-preview")
    assert sandbox.state()["machines"] == []
    assert list((project.root / "backend").rglob("*.json")) == []
