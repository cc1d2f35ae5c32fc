"""The pull request's way: whom it concerns, previews without any secret, one comment on a played GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.lab.github_api import GitHubApi, serving
from tests.lab.lab_command import LabCommand
from tests.lab.project_files import make_project, write_student
from tests.lab.test_affected import git


@pytest.fixture
def github() -> Iterator[GitHubApi]:
    with serving(GitHubApi()) as api:
        yield api


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
    asked = {"BASE": "HEAD~1", "NUMBER": "7"}
    lab.run_step("preview.yml", "Comment", **asked, IS_FORK="false")
    lab.run_step("preview.yml", "Comment", **asked, IS_FORK="true")
    [comment] = github.comments
    told = comment["body"]
    assert "| ❌ | bob | `students/Pulumi.bob.yaml:2: disk_sise: there is no such key" in told
    assert "| 🔧 | anna | 1 key changed | $27.50 → $29.50 |" in told
    assert "| 🆕 | dora | 2 to create | new: $30.10 |" in told
    assert "The file of carl is deleted" in told
    assert (project.root / "comment.md").read_text().startswith("<!-- lab-preview")
    assert sandbox.state()["machines"] == []
    assert list((project.root / "backend").rglob("*.json")) == []

    github.comments.clear()
    trusted = after_workflow(lab, tmp_path, "0" * 40)
    printed = trusted.run_step("comment.yml", "Comment", SAVED="comment.json")
    assert ("No open pull request has" in printed, github.comments) == (True, [])
    github.add_pull(7, "anna/lab", "more-disk", "0" * 40)
    trusted.run_step("comment.yml", "Comment", SAVED="comment.json")
    [comment] = github.comments
    assert without_footer(comment["body"]) == without_footer(told)
    assert "commit 000000000000" in comment["body"]


def after_workflow(lab: LabCommand, folder: Path, sha: str) -> LabCommand:
    """`lab` in a workflow_run workflow, after the preview of a fork's pull request."""
    path = folder / "event.json"
    path.write_text(json.dumps(event_of(sha)))
    return replace(lab, environment={**lab.environment, "GITHUB_EVENT_PATH": str(path)})


def event_of(sha: str) -> dict[str, object]:
    def repository(name: str) -> dict[str, object]:
        return {"full_name": name, "owner": {"login": name.partition("/")[0]}}

    run = {
        "event": "pull_request",
        "head_branch": "more-disk",
        "head_sha": sha,
        "html_url": "https://github.com/class/lab/actions/runs/1",
        "head_repository": repository("anna/lab"),
        "pull_requests": [],
    }
    return {"action": "completed", "workflow_run": run, "repository": repository("class/lab")}


def without_footer(text: str) -> str:
    return text.partition("<sub>")[0].rstrip()
