"""What a fork saved is data that nobody believes: what does not fit is refused, what fits is harmless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab import comment, saved_comment, workflow_run
from lab.affected import Affected
from lab.comment import LIMIT, MARKER, About
from lab.comment_rows import CommentRow
from lab.errors import LabError
from lab.github_session import GitHubSession
from tests.lab.github_api import GitHubApi, serving
from tests.lab.test_preview_workflow import event_of

ROW = {"student": "anna", "rank": "update", "what": "1 to update"}
SHA = "0" * 40


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "comment.json"
    path.write_text(json.dumps({"rows": [{**ROW, **changes}]}))
    return path


def test_what_is_saved_comes_back_as_it_was(tmp_path: Path) -> None:
    rows = [
        CommentRow("bob", "failed", "failed", error="x" * 5_000, without_state=True),
        CommentRow("anna", "same", "no change", before=8.0, after=8.0, without_state=True),
    ]
    about = About(Affected((), ("carl",), ("dora",), ("class.yaml",)), class_after=20.0, limit_of_class=30.0)
    saved_comment.save(tmp_path / "comment.json", rows, about)
    saved = saved_comment.load(tmp_path / "comment.json")
    assert [(row.student, row.rank, len(row.error)) for row in saved.comment_rows()] == [
        ("bob", "failed", 2_000),
        ("anna", "same", 0),
    ]
    told = saved.about("abc", "https://run")
    assert (told.affected.deleted, told.affected.left_out, told.class_after) == (("carl",), ("dora",), 20.0)
    assert told.without_state


@pytest.mark.parametrize(
    "changes",
    [
        {"rank": "approved"},
        {"what": "see [this](https://evil.example)"},
        {"what": "@everyone"},
        {"before": float("nan")},
        {"before": -1},
        {"diff": "x" * 100_001},
        {"warnings": ["x"] * 51},
        {"student": "x" * 101},
        {"body": "anything"},
    ],
    ids=["rank", "link", "mention", "nan", "negative", "diff", "warnings", "student", "unknown key"],
)
def test_what_does_not_fit_is_refused_without_a_word_of_its_text(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(LabError, match="no comment is written") as refused:
        saved_comment.load(written(tmp_path, **changes))
    assert "evil" not in str(refused.value)


def test_a_file_too_large_or_a_link_is_not_even_read(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "link.json").symlink_to(path)
    with pytest.raises(LabError, match="no file of at most"):
        saved_comment.load(tmp_path / "link.json")
    path.write_bytes(b" " * (saved_comment.LARGEST + 1))
    with pytest.raises(LabError, match="no file of at most"):
        saved_comment.load(path)


HOSTILE = "```\n</details>\n# Approved by @teacher [here](https://evil.example) <img src=x> \u202e"


def test_no_text_of_the_file_leaves_its_code(tmp_path: Path) -> None:
    path = written(tmp_path, rank="failed", error=HOSTILE, warnings=[HOSTILE], diff=HOSTILE, student="<b>@x")
    text = comment.render(saved_comment.load(path).comment_rows(), About(), LIMIT)
    assert text.count(MARKER) == 1
    assert "\u202e" not in text
    assert "<b>@x" not in text
    outside = "".join(part for index, part in enumerate(text.split("````")) if index % 2 == 0)
    assert "evil.example" in text
    assert "evil.example" not in outside


@pytest.fixture
def session() -> Any:
    with serving(GitHubApi()) as github, GitHubSession("token", github.url) as opened:
        yield github, opened


def test_the_pull_request_is_the_open_one_with_that_head_and_no_other(session: Any, tmp_path: Path) -> None:
    github, opened = session
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event_of(SHA)))
    event = workflow_run.load(path)
    github.add_pull(5, "anna/other", "more-disk", SHA)
    github.add_pull(6, "anna/lab", "more-disk", "1" * 40)
    assert workflow_run.pull_request_of(event, opened) is None
    github.add_pull(7, "anna/lab", "more-disk", SHA)
    assert workflow_run.pull_request_of(event, opened) == 7
    github.add_pull(8, "anna/lab", "more-disk", SHA)
    with pytest.raises(LabError, match="several open pull requests"):
        workflow_run.pull_request_of(event, opened)


@pytest.mark.parametrize("content", ["{", "{}", json.dumps({"pull_request": {"number": 7}})])
def test_another_event_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "event.json"
    path.write_text(content)
    with pytest.raises(LabError, match="no workflow_run event"):
        workflow_run.load(path)
    pushed = event_of(SHA)
    pushed["workflow_run"]["event"] = "push"  # type: ignore[index]
    path.write_text(json.dumps(pushed))
    with pytest.raises(LabError, match="begun by 'push'"):
        workflow_run.load(path)
