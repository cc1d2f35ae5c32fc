"""What a comment is to say, as data: from a workflow that runs others' code to one that may write.

Whoever opens a pull request writes this file, so nothing in it is believed: no Markdown is taken from it,
only rows, and each is checked. The comment's text is made here, by this repository's own code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from lab.affected import Affected
from lab.comment import About
from lab.comment_rows import CommentRow
from lab.errors import LabError
from lab.markdown import plain, visible

LARGEST = 5_000_000
"""Bytes; 2,000 students with long diffs stay below."""

LONGEST_TEXT = 2_000
LONGEST_DIFF = 100_000
MOST_WARNINGS = 50

Student = Annotated[str, Field(max_length=100), AfterValidator(plain)]
Money = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(visible)]


class SavedRow(BaseModel):
    """As CommentRow has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    student: Student
    rank: Literal["failed", "replace", "update", "create", "same"]
    what: Annotated[str, Field(pattern=r"^[a-z0-9 ,]*$", max_length=200)]
    before: Money | None = None
    after: Money | None = None
    loses_disk: bool = False
    is_archived: bool = False
    error: Text = ""
    warnings: Annotated[tuple[Text, ...], Field(max_length=MOST_WARNINGS)] = ()
    diff: Annotated[str, Field(max_length=LONGEST_DIFF), AfterValidator(visible)] = ""
    without_state: bool = True


class SavedComment(BaseModel):
    """Rows in the table's order, and what is said above them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Annotated[tuple[SavedRow, ...], Field(max_length=2_000)]
    deleted: Annotated[tuple[Student, ...], Field(max_length=2_000)] = ()
    left_out: Annotated[tuple[Student, ...], Field(max_length=10_000)] = ()
    shared: Annotated[tuple[Annotated[str, Field(max_length=500)], ...], Field(max_length=1_000)] = ()
    class_after: Money | None = None
    limit_of_class: Money = 0.0

    def comment_rows(self) -> list[CommentRow]:
        """In the table's order, whatever the file's."""
        rows = [CommentRow(**row.model_dump()) for row in self.rows]
        return sorted(rows, key=lambda row: row.order)

    def about(self, commit: str, run_url: str) -> About:
        """commit, run_url: from the event, which GitHub wrote."""
        affected = Affected((), self.deleted, self.left_out, self.shared)
        without_state = any(row.without_state for row in self.rows)
        return About(affected, commit, run_url, None, self.class_after, self.limit_of_class, without_state)


def save(path: Path, rows: Sequence[CommentRow], about: About) -> None:
    saved = SavedComment.model_construct(
        rows=tuple(map(shortened, rows)),
        deleted=about.affected.deleted,
        left_out=about.affected.left_out,
        shared=about.affected.shared,
        class_after=about.class_after,
        limit_of_class=about.limit_of_class,
    )
    path.write_text(saved.model_dump_json(warnings=False), encoding="utf-8")


def shortened(row: CommentRow) -> CommentRow:
    """Within the limits that the reader sets."""
    warnings = tuple(text[:LONGEST_TEXT] for text in row.warnings[:MOST_WARNINGS])
    return replace(row, error=row.error[:LONGEST_TEXT], warnings=warnings, diff=row.diff[:LONGEST_DIFF])


def load(path: Path) -> SavedComment:
    """Raises LabError naming what is wrong, without a word of the file's own text."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            message = f"{path} is no file of at most {LARGEST} bytes; no comment is written"
            raise LabError(message)
        return SavedComment.model_validate_json(path.read_bytes())
    except ValidationError as invalid:
        places = {".".join(map(str, error["loc"]))[:60]: error["type"] for error in invalid.errors()[:5]}
        message = f"{path} is not what `lab comment --save` writes ({places}); no comment is written"
        raise LabError(message) from None
