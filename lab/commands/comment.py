"""`lab comment`: the traces of previews become one comment under the pull request."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from lab import affected, class_file, comment_rows, estimate, saved_comment, workflow_run
from lab import comment as pull_request_comment
from lab.affected import Affected
from lab.commands.affected import LIMIT as STUDENTS
from lab.comment import LIMIT, MARKER, About
from lab.comment_rows import CommentRow
from lab.errors import LabError
from lab.git import Git
from lab.github import PullRequest
from lab.github_session import API, GitHubSession, token_from_environment
from lab.markdown import plain
from lab.project import Project, find_project

SUMMARY_LIMIT = 1_000_000
"""A step's summary in GitHub Actions holds 1 MiB (pulumi-facts.md B.2)."""

Traces = Annotated[
    list[Path] | None, typer.Argument(help="Folders of `lab preview --traces`, of all shards.")
]
Base = Annotated[str, typer.Option("--base", help="What the pull request is compared with.")]
Limit = Annotated[int, typer.Option("--limit", help="As `lab affected` was given.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write it here too, whole.")]
Number = Annotated[int | None, typer.Option("--pull-request", help="Post it there; else only print it.")]
Save = Annotated[
    Path | None, typer.Option("--save", help="Write what it says there as data, for --post-saved.")
]
PostSaved = Annotated[
    Path | None,
    typer.Option(
        "--post-saved",
        help="In a workflow_run workflow: post what a fork's run saved, under the event's pull request.",
    ),
]
Repository = Annotated[str, typer.Option("--repository", envvar="GITHUB_REPOSITORY", help="owner/name")]


def comment(
    traces: Traces = None,
    base: Base = "origin/main",
    limit: Limit = STUDENTS,
    output: Output = None,
    pull_request: Number = None,
    repository: Repository = "",
    save: Save = None,
    post_saved: PostSaved = None,
) -> None:
    """Write one comment about all previews: who changes, what it costs, whose disk is lost."""
    if post_saved:
        print(post_of_fork(post_saved))
        return
    if not traces:
        message = "give the folders of `lab preview --traces`, or --post-saved"
        raise LabError(message)
    rows, about = what_it_says(find_project(), traces, base, limit)
    whole = pull_request_comment.render(rows, about, SUMMARY_LIMIT)
    for path in filter(None, (output, summary_file())):
        with path.open("a" if path == summary_file() else "w", encoding="utf-8") as file:
            file.write(whole)
    if save:
        saved_comment.save(save, rows, about)
    text = pull_request_comment.render(rows, about, LIMIT)
    if pull_request is None:
        print(text, end="")
        return
    print(f"The comment is at {post(repository, pull_request, text)}")


def what_it_says(
    project: Project, traces: Sequence[Path], base: str, limit: int
) -> tuple[list[CommentRow], About]:
    git = Git(project.root)
    found = affected.find(project, git.changed_files(base), limit)
    rows = complete(comment_rows.load(traces, project, before(project, git, base)), found)
    return rows, about_run(project, found, rows)


def post_of_fork(path: Path) -> str:
    """What was done. Only GitHub's event says under which pull request; the file says what, as data."""
    event = workflow_run.load(Path(os.environ.get("GITHUB_EVENT_PATH", "")))
    saved = saved_comment.load(path)
    run = event.workflow_run
    with GitHubSession(token_from_environment(), os.environ.get("GITHUB_API_URL", API)) as session:
        number = workflow_run.pull_request_of(event, session)
    if number is None:
        return f"No open pull request has {run.head_sha} as its head any more; nothing was written."
    about = saved.about(run.head_sha, run.html_url)
    text = pull_request_comment.render(saved.comment_rows(), about, LIMIT)
    return f"The comment is at {post(event.repository.full_name, number, text)}"


def post(repository: str, number: int, text: str) -> str:
    if "/" not in repository:
        message = "no repository; give --repository owner/name"
        raise LabError(message)
    api = os.environ.get("GITHUB_API_URL", API)
    with PullRequest(repository, number, token_from_environment(), api) as target:
        return target.put(MARKER, text)


def before(project: Project, git: Git, base: str) -> Callable[[str], str | None]:
    """A student's file at the base."""
    folder = project.students_folder.relative_to(project.root).as_posix()

    def text(student: str) -> str | None:
        return git.text_before(base, f"{folder}/Pulumi.{student}.yaml")

    return text


def complete(rows: list[CommentRow], found: Affected) -> list[CommentRow]:
    """A student without a result was not previewed: that is a failure, not silence."""
    there = {row.student for row in rows}
    lost = [
        CommentRow(name, "failed", "failed", error="no result; its job did not finish")
        for name in map(plain, found.students)
        if name not in there
    ]
    return sorted([*rows, *lost], key=lambda row: row.order)


def about_run(project: Project, found: Affected, rows: Sequence[CommentRow]) -> About:
    server, repository, run = (
        os.environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    )
    estimates = [estimate.of_student(project, student) for student in project.all_students()]
    return About(
        found,
        commit=commit_of_event(),
        run_url=f"{server}/{repository}/actions/runs/{run}" if run else "",
        class_after=round(sum(each.monthly for each in estimates if each), 2),
        limit_of_class=class_file.load(project).budget_of_class,
        without_state=any(row.without_state for row in rows),
    )


def commit_of_event() -> str:
    """The pull request's head; GITHUB_SHA is a merge that nobody sees."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    if path and Path(path).exists():
        event = json.loads(Path(path).read_text(encoding="utf-8"))
        return str(((event.get("pull_request") or {}).get("head") or {}).get("sha", ""))
    return os.environ.get("GITHUB_SHA", "")


def summary_file() -> Path | None:
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    return Path(name) if name else None
