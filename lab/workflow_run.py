"""The finished workflow run that an event of GitHub's `workflow_run` is about, and whose pull request it was.

For a fork the event names no pull request. It names the commit, which the fork cannot choose freely: it must
be the head of an open pull request from that very repository and branch.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from lab.errors import LabError
from lab.github_session import GitHubSession


class Owner(BaseModel):
    login: str


class Repository(BaseModel):
    full_name: str
    owner: Owner


class WorkflowRun(BaseModel):
    """`event`: what began it. `head_repository` is None where the fork was deleted meanwhile."""

    event: str
    head_branch: str | None
    head_sha: str
    html_url: str
    head_repository: Repository | None


class Event(BaseModel):
    workflow_run: WorkflowRun
    repository: Repository


def load(path: Path) -> Event:
    """The event in the file that GITHUB_EVENT_PATH names. Raises LabError for another kind of event."""
    try:
        event = Event.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as failure:
        message = f"{path} holds no workflow_run event ({type(failure).__name__})"
        raise LabError(message) from None
    if event.workflow_run.event != "pull_request":
        message = f"the run was begun by {event.workflow_run.event!r}, not by a pull request"
        raise LabError(message)
    return event


def pull_request_of(event: Event, session: GitHubSession) -> int | None:
    """Its number; None where no open pull request has this commit as its head any more.

    Raises GitHubRefused, and LabError where several have it.
    """
    run, head = event.workflow_run, event.workflow_run.head_repository
    if head is None or not run.head_branch:
        return None
    name = quote(f"{head.owner.login}:{run.head_branch}", safe="")
    url = f"{session.api}/repos/{event.repository.full_name}/pulls?state=open&per_page=100&head={name}"
    found = [each["number"] for each in session.call("GET", url).json() if is_of(each, run, head)]
    if len(found) > 1:
        message = f"several open pull requests have the head {run.head_sha}: {found}"
        raise LabError(message)
    return int(found[0]) if found else None


def is_of(pull: dict[str, dict[str, object]], run: WorkflowRun, head: Repository) -> bool:
    repository = pull["head"].get("repo") or {}
    of_head = isinstance(repository, dict) and repository.get("full_name") == head.full_name
    return of_head and pull["head"].get("sha") == run.head_sha
