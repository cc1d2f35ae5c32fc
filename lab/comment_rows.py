"""What the comment says of one student: outcome, cost before and after, and the diff."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from components.settings import SECRETS, InvalidSettings
from lab import estimate, events, markdown
from lab.diff_text import SECRET_TEXT, diff_text
from lab.errors import LabError
from lab.estimate import Estimate
from lab.events import StackEvents
from lab.project import Project
from lab.student_files import StudentFile, Unreadable, as_text, is_encrypted

RANKS = ("failed", "replace", "update", "create", "same")
"""Worst first: the order of the table."""

UNREADABLE = "the preview left no readable result"

INSTALLATION = re.compile(r"using pulumi-|A new version of Pulumi|resource plugin |language plugin ")

DISK_KEYS = ("template", "regions", "machine_types")
"""Where the state is not at hand: what may replace a machine (design.md, "The Machine resource")."""


@dataclass(frozen=True)
class CommentRow:
    """`before` and `after` in USD a month by the price list; None where there is no (right) file."""

    student: str
    rank: str
    what: str
    before: float | None = None
    after: float | None = None
    loses_disk: bool = False
    error: str = ""
    warnings: tuple[str, ...] = ()
    diff: str = ""
    without_state: bool = False
    is_archived: bool = False

    @property
    def order(self) -> tuple[int, bool, str]:
        return RANKS.index(self.rank), not self.loses_disk, self.student


def load(folders: Sequence[Path], project: Project, before: Callable[[str], str | None]) -> list[CommentRow]:
    """Rows in the table's order, from the traces of `lab preview`.

    before: a student's file at the base of the pull request. Raises LabError for a folder that is not there.
    """
    if missing := [str(folder) for folder in folders if not folder.is_dir()]:
        message = f"no folder {', '.join(missing)}; give what `lab preview --traces` was given"
        raise LabError(message)
    results = sorted(path for folder in folders for path in folder.rglob("*.json"))
    return sorted((row(path, project, before) for path in results), key=lambda row: row.order)


def row(path: Path, project: Project, before: Callable[[str], str | None]) -> CommentRow:
    """One student's row, from the traces of a preview and the student's files."""
    name = path.stem
    old, new = file_before(project, name, before), file_now(project, name)
    return row_of(name, result_of(path), events.load(path.with_suffix(".jsonl")), old, new)


def result_of(path: Path) -> dict[str, Any]:
    """A result that cannot be read is a failed one: its row must not be missing."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        result = None
    return result if isinstance(result, dict) else {"outcome": "failed", "error": UNREADABLE}


def row_of(
    name: str, result: dict[str, Any], stream: StackEvents, old: StudentFile | None, new: StudentFile | None
) -> CommentRow:
    """`old` and `new`: the student's file before and after the pull request; None where there is none."""
    unranked = CommentRow(
        student=markdown.plain(name),
        rank="failed",
        what="failed",
        before=monthly(old),
        after=monthly(new),
        warnings=worth_telling(stream.warnings),
        without_state=bool(result.get("without_state")),
    )
    if result.get("outcome") != "succeeded":
        return replace(unranked, error=str(result.get("error")))
    if unranked.without_state and old is not None:
        return by_files(unranked, old, new)
    return replace(
        unranked,
        rank=rank_of(stream),
        what=in_words(stream),
        loses_disk=stream.loses_disk,
        is_archived=stream.is_archived,
        diff=diff_text(stream),
    )


def worth_telling(warnings: Sequence[str]) -> tuple[str, ...]:
    """Each once, in one line; not what Pulumi says of its own installation."""
    lines = (" ".join(text.split()) for text in warnings)
    return tuple(dict.fromkeys(line for line in lines if line and not INSTALLATION.match(line)))


def rank_of(stream: StackEvents) -> str:
    actions = {change.action for change in stream.changes.values()}
    if actions & {"replace", "delete"}:
        return "replace"
    return next((rank for rank in ("update", "create") if rank in actions), "same")


def in_words(stream: StackEvents) -> str:
    return (
        ", ".join(f"{count} to {action}" for action, count in sorted(stream.tally().items())) or "no change"
    )


def by_files(unranked: CommentRow, old: StudentFile, new: StudentFile | None) -> CommentRow:
    """Without the stack's state (a fork's preview has none): what the file changes."""
    lines = list(file_diff(old, new))
    if not lines:
        return replace(unranked, rank="same", what="no change in the file")
    keys = {line[4:].partition(":")[0] for line in lines}
    loses = bool(keys & set(DISK_KEYS))
    what = f"{len(keys)} key{'s' * (len(keys) > 1)} changed" + (", may replace the machine" if loses else "")
    rank = "replace" if loses else "update"
    archived = loses and is_archived(old)
    diff = "\n".join(lines)
    return replace(unranked, rank=rank, what=what, loses_disk=loses, is_archived=archived, diff=diff)


def is_archived(old: StudentFile) -> bool:
    """As the machine's last `up` had it, as far as its file tells."""
    try:
        return old.settings().archive == "on"
    except InvalidSettings:
        return False


def file_diff(old: StudentFile, new: StudentFile | None) -> Iterator[str]:
    before, after = old.own(), new.own() if new else {}
    for key in sorted({*before, *after}):
        if as_text(before.get(key)) != as_text(after.get(key)):
            if key in before:
                yield f"-   {key}: {public_text(key, before[key])}"
            if key in after:
                yield f"+   {key}: {public_text(key, after[key])}"


def public_text(key: str, value: Any) -> str:
    """A value as everybody may read it."""
    return SECRET_TEXT if key in SECRETS or is_encrypted(value) else as_text(value)


def file_before(project: Project, name: str, before: Callable[[str], str | None]) -> StudentFile | None:
    text = before(name)
    try:
        return None if text is None else StudentFile.parse(project.student_file(name), project.name, text)
    except Unreadable:
        return None


def file_now(project: Project, name: str) -> StudentFile | None:
    try:
        [student] = project.chosen([name])
        return StudentFile.load(student.file, project.name)
    except (LabError, Unreadable):
        return None


def monthly(file: StudentFile | None) -> float | None:
    found: Estimate | None = estimate.of_file(file) if file else None
    return found.monthly if found else None
