"""The one comment under a pull request: what it would do to whom, what that costs, and whose disk is lost.

Pure text from rows. It never grows past LIMIT: diffs go first, then rows, and it says what was left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.affected import Affected
from lab.comment_rows import CommentRow
from lab.markdown import code, fenced, folded, plain, size
from lab.words import plural

MARKER = "<!-- lab-preview: this comment is found and rewritten by its first line -->"
LIMIT = 65_000
"""GitHub refuses bodies over 65,536 (pulumi-facts.md B.2)."""

RESERVE = 700
"""For what is said about rows and diffs that were left out."""

SIGNS = {"failed": "❌", "replace": "⚠️", "update": "🔧", "create": "🆕", "same": "✅"}
TITLES = {
    "failed": "failed",
    "replace": "replace or delete",
    "update": "update",
    "create": "create",
    "same": "same",
}
NAMED = 50
"""Names in one list; the rest is counted."""


@dataclass(frozen=True)
class About:
    """What the comment is about, beside the rows."""

    affected: Affected = field(default_factory=Affected)
    commit: str = ""
    run_url: str = ""
    class_before: float | None = None
    class_after: float | None = None
    limit_of_class: float = 0.0
    without_state: bool = False


def render(rows: Sequence[CommentRow], about: About, limit: int = LIMIT) -> str:
    """The whole comment, at most `limit` by markdown.size."""
    head = "\n\n".join([MARKER, *head_parts(rows, about)])
    foot = footer(about)
    room = limit - size(head) - size(foot) - RESERVE
    table, left_rows = table_within(rows, room)
    diffs, left_diffs = diffs_within(rows, room - size(table))
    parts = [head, table, *diffs, *left_out(left_rows, left_diffs, about), foot]
    return "\n\n".join(part for part in parts if part) + "\n"


def head_parts(rows: Sequence[CommentRow], about: About) -> list[str]:
    counts = Counter(row.rank for row in rows)
    told = " · ".join(f"{counts[rank]} {title}" for rank, title in TITLES.items() if counts[rank])
    parts = [f"### Preview of {plural(len(rows), 'student')}: {told or 'nobody is concerned'}"]
    parts += [alert("CAUTION", text) for text in cautions(rows, about)]
    parts += [alert("WARNING", text) for text in warnings(rows, about)]
    parts += cost_line(rows, about)
    parts += notes(about)
    return parts


def cautions(rows: Sequence[CommentRow], about: About) -> list[str]:
    losing = [row for row in rows if row.loses_disk]
    certainty = "may be lost" if about.without_state else "will be lost"
    lost = [row.student for row in losing if not row.is_archived]
    saved = [row.student for row in losing if row.is_archived]
    told = []
    if lost:
        gone = "Archive first (`lab archive`): what is on it is gone after `lab up`."
        told.append(f"**The disk {certainty}** of {names(lost)}. {gone}")
    if saved:
        kept = "`lab up` archives the home folder first, on the computer where it runs; the rest is gone."
        told.append(f"**The disk {certainty}** of {names(saved)}. {kept}")
    return told


def warnings(rows: Sequence[CommentRow], about: About) -> list[str]:
    told = []
    if deleted := about.affected.deleted:
        command = f"lab destroy {' '.join(map(plain, deleted[:NAMED]))} --yes"
        told.append(
            f"The file of {names(deleted)} is deleted. That destroys nothing: **the stack still exists and "
            f"goes on costing**, if it was up. First: `{command}`"
        )
    if unavailable := [row.student for row in rows if row.warnings]:
        told.append(f"There are warnings about {names(unavailable)}; see the details.")
    return told


def cost_line(rows: Sequence[CommentRow], about: About) -> list[str]:
    priced = [row for row in rows if row.after is not None]
    before = sum(row.before or 0.0 for row in priced)
    after = sum(row.after or 0.0 for row in priced)
    told = f"**Cost of these:** {money(before)} → {money(after)} a month ({change(after - before)})."
    if len(priced) < len(rows):
        told += f" {plural(len(rows) - len(priced), 'file')} without a price, being wrong or gone."
    if about.class_after is not None:
        told += f" **The class:** {money(about.class_after)} a month"
        told += f" of {money(about.limit_of_class)}." if about.limit_of_class else "."
        if about.limit_of_class and about.class_after > about.limit_of_class:
            told += " **Over budget.**"
    return [told] if rows else []


def notes(about: About) -> list[str]:
    told = []
    if about.without_state:
        told.append(
            "This preview ran without secrets and without the stacks' state, as for a fork: it shows that "
            "the configuration works and what the files change, not what differs from the machines."
        )
    if about.affected.left_out:
        told.append(
            f"{plural(len(about.affected.left_out), 'more student')} with configurations like these "
            f"are concerned too and not previewed: {', '.join(map(code, about.affected.shared[:5]))} "
            "is shared by all."
        )
    return told


def table_within(rows: Sequence[CommentRow], room: int) -> tuple[str, int]:
    """The table of who changes, and how many of its rows did not fit. Who stays the same is only named."""
    same = [row.student for row in rows if row.rank == "same"]
    lines = ["| | student | change | a month | |", "| --- | --- | --- | ---: | --- |"]
    same_line = f"{SIGNS['same']} No change: {names(same)}." if same else ""
    used = size("\n".join(lines)) + size(same_line)
    changing = [row for row in rows if row.rank != "same"]
    for index, row in enumerate(changing):
        line = table_line(row)
        used += size(line) + 1
        if used > room:
            return joined(lines, same_line), len(changing) - index
        lines.append(line)
    return (joined(lines, same_line) if changing else same_line), 0


def joined(lines: list[str], same_line: str) -> str:
    return "\n".join(lines) + (f"\n\n{same_line}" if same_line else "")


def table_line(row: CommentRow) -> str:
    note = "**disk lost**" + ", archived first" * row.is_archived if row.loses_disk else ""
    what = code(row.error) if row.error else row.what
    return f"| {SIGNS[row.rank]} | {row.student} | {what} | {costs(row)} | {note} |"


def costs(row: CommentRow) -> str:
    if row.before is None and row.after is None:
        return "?"
    if row.before is None:
        return f"new: {money(row.after)}"
    if row.before == row.after:
        return money(row.after)
    return f"{money(row.before)} → {money(row.after)}"


def diffs_within(rows: Sequence[CommentRow], room: int) -> tuple[list[str], int]:
    """Folded diffs in the table's order, and how many did not fit."""
    found, left = [], 0
    for row in rows:
        if not row.diff and not row.warnings:
            continue
        told = folded(f"{SIGNS[row.rank]} {row.student}: {row.what}", details(row))
        room -= size(told) + 2
        if room < 0:
            left += 1
            room += size(told) + 2
        else:
            found.append(told)
    return found, left


def details(row: CommentRow) -> str:
    warned = "\n".join(f"- {code(text)}" for text in row.warnings)
    diff = fenced(row.diff, "diff") if row.diff else ""
    return "\n\n".join(part for part in (warned, diff) if part)


def left_out(rows: int, diffs: int, about: About) -> list[str]:
    if not rows and not diffs:
        return []
    told = [plural(rows, "row")] * bool(rows) + [plural(diffs, "diff")] * bool(diffs)
    where = f"[the run's summary and artifact]({about.run_url})" if about.run_url else "the run's artifact"
    return [f"{' and '.join(told)} did not fit here; all of it is in {where}."]


def footer(about: About) -> str:
    told = [f"commit {about.commit[:12]}"] * bool(about.commit)
    told += [f"[run]({about.run_url})"] * bool(about.run_url)
    return f"<sub>{' · '.join(told)}</sub>" if told else ""


def names(students: Sequence[str]) -> str:
    shown = ", ".join(map(plain, students[:NAMED]))
    return f"{shown} and {len(students) - NAMED} more" if len(students) > NAMED else shown


def money(amount: float | None) -> str:
    return "?" if amount is None else f"${amount:,.2f}"


def change(amount: float) -> str:
    return f"{'+' if amount >= 0 else '-'}${abs(amount):,.2f}"


def alert(kind: str, text: str) -> str:
    return f"> [!{kind}]\n> {text}"
