"""The pull request's comment: order, costs, warnings, and never too long."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from lab import comment, comment_rows, markdown
from lab.affected import Affected
from lab.commands.comment import complete
from lab.comment import LIMIT, MARKER, About
from lab.comment_rows import CommentRow
from lab.project import Project
from tests.lab.project_files import NAME, make_project
from tests.lab.test_events import DATA

ABOUT = About(run_url="https://github.com/class/lab/actions/runs/1", commit="0123456789abcdef")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    names = ("anna", "bob", "carl", "dora")
    return make_project(tmp_path / "class", dict.fromkeys(names, "disk_size: 100"))


def traces(folder: Path, **logs: str) -> Path:
    """Results and event logs as `lab preview --traces` leaves them."""
    folder.mkdir(exist_ok=True)
    for student, log in logs.items():
        failed = log.endswith("failed")
        result = {
            "outcome": "failed" if failed else "succeeded",
            "error": "disk_size | `70`" if failed else "",
        }
        (folder / f"{student}.json").write_text(json.dumps(result))
        if (DATA / f"{log}.jsonl").exists():
            shutil.copy(DATA / f"{log}.jsonl", folder / f"{student}.jsonl")
    return folder


def at_base(_student: str) -> str:
    return f"config:\n  {NAME}:disk_size: 50\n"


def rows(project: Project, folder: Path) -> list[CommentRow]:
    return comment_rows.load([folder], project, at_base)


def test_the_worst_comes_first(project: Project, tmp_path: Path) -> None:
    folder = traces(
        tmp_path / "t", anna="none", bob="preview_upd", carl="preview_rep", dora="preview_program_failed"
    )
    assert [row.student for row in rows(project, folder)] == ["dora", "carl", "bob", "anna"]
    text = comment.render(rows(project, folder), ABOUT)
    assert text.startswith(MARKER)
    table = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    assert [line.split("|")[2].strip() for line in table] == ["student", "dora", "carl", "bob"]
    assert "No change: anna." in text
    assert "1 failed · 1 replace or delete · 1 update · 1 same" in text


def test_costs_are_shown_before_and_after_for_each_and_for_all(project: Project, tmp_path: Path) -> None:
    text = comment.render(rows(project, traces(tmp_path / "t", anna="preview_upd", bob="none")), ABOUT)
    assert "| anna | 1 to update | $27.50 → $29.50 |" in text
    assert "**Cost of these:** $55.00 → $59.00 a month (+$4.00)." in text


def test_a_lost_disk_is_a_caution_above_all(project: Project, tmp_path: Path) -> None:
    text = comment.render(rows(project, traces(tmp_path / "t", carl="preview_rep")), ABOUT)
    assert "> [!CAUTION]\n> **The disk will be lost** of carl." in text
    assert "! Machine machine: replace because region  [ITS DISK IS LOST]" in text
    assert '-   region: "NY2"\n+   region: "AMS1"' in text


def test_a_disk_whose_home_is_archived_first_is_told_apart(project: Project, tmp_path: Path) -> None:
    folder = traces(tmp_path / "t", carl="preview_rep", dora="preview_rep")
    archive = {"urn": "a::archive", "op": "replace", "type": "pulumi-python:dynamic/fastai:Archive"}
    archive["old"] = {"inputs": {"mode": "on"}}
    with (folder / "carl.jsonl").open("a") as log:
        log.write(json.dumps({"resourcePreEvent": {"metadata": archive}}) + "\n")
    text = comment.render(rows(project, folder), ABOUT)
    assert "**The disk will be lost** of dora. Archive first" in text
    assert "**The disk will be lost** of carl. `lab up` archives the home folder first" in text
    assert "| **disk lost**, archived first |" in text


def test_secrets_are_masked_and_unknown_is_said(project: Project, tmp_path: Path) -> None:
    text = comment.render(rows(project, traces(tmp_path / "t", anna="preview_upd", bob="preview_cre")), ABOUT)
    assert "!   startup_script: [secret] only its secret value changes" in text
    assert "4dabf18193072939515e22adb298388d" not in text
    assert "__provider" not in text


def test_warnings_are_told_once_but_not_those_about_pulumi_s_installation(
    project: Project, tmp_path: Path
) -> None:
    folder = traces(tmp_path / "t", anna="preview_upd")
    assert rows(project, folder)[0].warnings == ()
    warning = {"severity": "warning", "message": "M4000 in NY2: no capacity at\nthe moment"}
    with (folder / "anna.jsonl").open("a") as file:
        file.write((json.dumps({"diagnosticEvent": warning}) + "\n") * 2)
    assert rows(project, folder)[0].warnings == ("M4000 in NY2: no capacity at the moment",)
    text = comment.render(rows(project, folder), ABOUT)
    assert "There are warnings about anna" in text
    assert "- `M4000 in NY2: no capacity at the moment`" in text


def test_an_error_cannot_break_the_table_nor_call_anybody(project: Project, tmp_path: Path) -> None:
    text = comment.render(rows(project, traces(tmp_path / "t", dora="preview_program_failed")), ABOUT)
    [line] = [line for line in text.splitlines() if "| dora |" in line]
    assert "`` disk_size \\| `70` ``" in line
    assert re.split(r"(?<!\\)\|", line)[4].strip() == "$27.50 → $29.50"


def test_a_deleted_file_warns_that_the_stack_still_costs(project: Project, tmp_path: Path) -> None:
    about = About(Affected(deleted=("emil",)))
    text = comment.render([], about)
    assert "**the stack still exists and goes on costing**, if it was up" in text
    assert "`lab destroy emil --yes`" in text


@pytest.mark.parametrize("text", ["", "{", "null"])
def test_a_result_that_cannot_be_read_is_a_failure_and_not_silence(
    project: Project, tmp_path: Path, text: str
) -> None:
    folder = traces(tmp_path / "t", anna="preview_upd")
    (folder / "anna.json").write_text(text)
    [row] = rows(project, folder)
    assert (row.rank, row.error) == ("failed", "the preview left no readable result")


def test_a_student_whose_job_died_is_a_failure_and_not_silence(project: Project, tmp_path: Path) -> None:
    found = rows(project, traces(tmp_path / "t", anna="preview_upd"))
    completed = complete(found, Affected(students=("anna", "bob")))
    assert [(row.student, row.rank) for row in completed] == [("bob", "failed"), ("anna", "update")]
    assert "did not finish" in comment.render(completed, ABOUT)


def test_without_state_the_files_are_compared(project: Project, tmp_path: Path) -> None:
    folder = traces(tmp_path / "t", anna="preview_cre")
    (folder / "anna.json").write_text(json.dumps({"outcome": "succeeded", "without_state": True}))
    project.student_file("anna").write_text(f"config:\n  {NAME}:template: tvimtol9\n")
    [row] = rows(project, folder)
    assert (row.rank, row.what) == ("replace", "2 keys changed, may replace the machine")
    text = comment.render([row], About(without_state=True))
    assert "**The disk may be lost** of anna" in text
    assert "-   disk_size: 50\n+   template: tvimtol9" in text


def test_a_password_that_was_once_in_clear_is_not_repeated(project: Project, tmp_path: Path) -> None:
    folder = traces(tmp_path / "t", anna="preview_cre")
    (folder / "anna.json").write_text(json.dumps({"outcome": "succeeded", "without_state": True}))
    project.student_file("anna").write_text(f"config:\n  {NAME}:user_password: {{secure: v1:abc}}\n")
    in_clear = f"config:\n  {NAME}:user_password: hunter2\n"
    found = comment_rows.load([folder], project, lambda _student: in_clear)
    text = comment.render(found, About(without_state=True))
    assert "-   user_password: [secret]\n+   user_password: [secret]" in text
    assert "hunter2" not in text


def test_over_the_class_s_budget_is_said(project: Project) -> None:
    about = About(class_after=2400.0, limit_of_class=2000.0)
    text = comment.render([CommentRow("anna", "same", "no change", 1.0, 1.0)], about)
    assert "**The class:** $2,400.00 a month of $2,000.00. **Over budget.**" in text


def five_hundred(diff: str, rank: str = "update") -> list[CommentRow]:
    return [
        CommentRow(f"student-{n:03}", rank, "1 to update", 27.5, 29.5, rank == "replace", "", (), diff)
        for n in range(500)
    ]


@pytest.mark.parametrize("rank", ["failed", "replace", "update", "same"])
@pytest.mark.parametrize("diff", ["", "+ x\n" * 20, "🔥" * 3000, "`" * 500])
def test_five_hundred_students_never_pass_the_limit(rank: str, diff: str) -> None:
    text = comment.render(five_hundred(diff, rank), ABOUT)
    assert len(text.encode()) <= LIMIT
    assert len(text.encode("utf-16-le")) // 2 <= LIMIT


def test_what_does_not_fit_is_counted_and_linked_and_nothing_is_cut_in_half() -> None:
    text = comment.render(five_hundred("+ a line of a diff\n" * 30), ABOUT)
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    shown = text.count("<details>")
    rows_shown = text.count("| student-")
    assert 0 < shown < 500
    assert f"{500 - shown} diffs did not fit here" in text
    assert rows_shown == 500
    assert ABOUT.run_url in text


def test_long_errors_of_a_whole_class_leave_rows_out_and_say_how_many() -> None:
    rows = [CommentRow(f"student-{n:03}", "failed", "failed", error="é" * 300) for n in range(500)]
    text = comment.render(rows, ABOUT)
    shown = text.count("| student-")
    assert 50 < shown < 500
    assert f"{500 - shown} rows did not fit here" in text
    assert markdown.size(text) <= LIMIT


def test_a_fence_is_longer_than_any_run_of_back_quotes_inside() -> None:
    assert markdown.fenced("a ```` b", "diff").startswith("`````diff\n")
    assert markdown.code("a ` b") == "``a ` b``"
    assert markdown.code("`") == "`` ` ``"


@pytest.mark.parametrize(("text", "expected"), [("abc", 3), ("é", 2), ("🔥", 4), ("", 0)])
def test_size_is_the_larger_of_bytes_and_utf16_units(text: str, expected: int) -> None:
    assert markdown.size(text) == expected
