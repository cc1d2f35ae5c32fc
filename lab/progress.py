"""How the runs of many students are shown: a live table on a terminal, plain lines everywhere else."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from lab.events import StackEvents
from lab.run_result import Result

VERBS = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
}
REFRESHED = {"update": "changed behind Pulumi's back", "delete": "gone"}
PLANNED = {"create": "to create", "update": "to update", "replace": "to replace", "delete": "to delete"}
WORDS = {"preview": PLANNED, "refresh": REFRESHED}
SWITCHED = {"start": "started", "stop": "stopped"}
ON_MACHINES = ("extend", "archive", "restore")
ALREADY = {"start": "running", "stop": "off"}


def in_words(result: Result) -> str:
    """`3 to create, 1 to update`; `no changes`; the reason where it failed."""
    if result.outcome == "absent":
        return result.note or "no stack, nothing to do"
    if result.is_bad or result.note:
        return result.error or result.note
    if result.operation in SWITCHED:
        return SWITCHED[result.operation] if result.changes else f"already {ALREADY[result.operation]}"
    words = WORDS.get(result.operation, VERBS)
    told = [f"{count} {words[name]}" for name, count in result.changes.items() if name in words and count]
    return ", ".join(told) or ("in step with the machine" if result.operation == "refresh" else "no changes")


def archived(result: Result) -> str:
    return ", archived first" if result.is_archived else ""


def mark(result: Result) -> str:
    return {"succeeded": "ok", "absent": "-", "failed": "FAILED", "interrupted": "STOPPED"}[result.outcome]


class Lines:
    """One line a finished student, for logs. Never a control character."""

    def __init__(self, total: int, console: Console) -> None:
        self._total = total
        self._console = console
        self._done = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def started(self, _student: str) -> None:
        return

    def moved(self, _student: str, _stream: StackEvents) -> None:
        return

    def at(self, _student: str, _step: str) -> None:
        return

    def finished(self, result: Result) -> None:
        with self._lock:
            self._done += 1
            disk = f"  THE DISK IS LOST{archived(result)}" if result.loses_disk else ""
            self._say(
                f"[{self._done}/{self._total}] {result.student}: {mark(result)}  {in_words(result)}"
                f"  ({result.seconds:.1f} s){disk}"
            )

    def interrupted(self, note: str) -> None:
        self._say(note)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class LiveTable:
    """Who is running and at what, who failed, and a bar for all with an estimate of the rest."""

    def __init__(self, operation: str, total: int, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task(operation, total=total, failed="")
        self._running: dict[str, str] = {}
        self._failed = 0
        self._note = ""
        self._lock = threading.RLock()
        self._console = console
        self._live = Live(get_renderable=self._render, console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> LiveTable:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def started(self, student: str) -> None:
        with self._lock:
            self._running[student] = "starting"

    def moved(self, student: str, stream: StackEvents) -> None:
        self.at(student, stream.step)

    def at(self, student: str, step: str) -> None:
        """What a student's run is at."""
        with self._lock:
            if student in self._running and step:
                self._running[student] = step

    def finished(self, result: Result) -> None:
        with self._lock:
            self._running.pop(result.student, None)
            self._failed += result.is_bad
            self._progress.update(
                self._task, advance=1, failed=f"[red]{self._failed} failed[/red]" if self._failed else ""
            )
            self._console.print(line(result))

    def interrupted(self, note: str) -> None:
        with self._lock:
            self._note = note

    def _render(self) -> Group:
        with self._lock:
            table = Table.grid(padding=(0, 2))
            for student, step in sorted(self._running.items()):
                table.add_row(f"  {escape(student)}", f"[dim]{escape(step)}[/dim]")
            note = [f"[yellow]{escape(self._note)}[/yellow]"] if self._note else []
            return Group(*note, table, self._progress)


def line(result: Result) -> str:
    """One finished student, with rich's markup."""
    color = {"succeeded": "green", "absent": "dim", "failed": "red", "interrupted": "yellow"}[result.outcome]
    sign = {"succeeded": "✓", "absent": "-", "failed": "✗", "interrupted": "■"}[result.outcome]
    disk = f"  [bold red]the disk is lost{archived(result)}[/bold red]" if result.loses_disk else ""
    return (
        f"[{color}]{sign}[/{color}] {escape(result.student)}  {escape(in_words(result))}"
        f"  [dim]{result.seconds:.1f} s[/dim]{disk}"
    )


def reporter_for(operation: str, total: int, console: Console) -> Lines | LiveTable:
    return LiveTable(operation, total, console) if console.is_terminal else Lines(total, console)


def summary(operation: str, results: Sequence[Result], unguarded: Collection[str] = ()) -> str:
    """Totals, then everybody who failed with the reason.

    unguarded: whose machine has no archive guard any more; the same command again would lose their work.
    """
    counts = {
        outcome: sum(r.outcome == outcome for r in results)
        for outcome in ("succeeded", "failed", "interrupted", "absent")
    }
    absent = "not on" if operation in ON_MACHINES else "without a stack"
    named = {"succeeded": "ok", "failed": "failed", "interrupted": "stopped", "absent": absent}
    told = ", ".join(f"{count} {named[outcome]}" for outcome, count in counts.items() if count)
    lines = [f"{operation}: {told or 'no students'}"]
    lost = [f"{r.student}{archived(r)}" for r in results if r.loses_disk and not r.is_bad]
    if lost and operation in ("preview", "up"):
        lines.append(f"{'would lose' if operation == 'preview' else 'lost'} the disk: {'; '.join(lost)}")
    bad = [r for r in results if r.is_bad]
    width = max((len(r.student) for r in bad), default=0)
    lines += [f"  {r.student:<{width}}  {r.error}" for r in bad]
    return "\n".join([*lines, *ways_on(operation, bad, unguarded)])


def ways_on(operation: str, bad: Sequence[Result], unguarded: Collection[str]) -> Iterator[str]:
    """The commands that go on, for everybody who failed."""
    yes = " --yes" if operation == "destroy" else ""
    if again := " ".join(r.student for r in bad if r.student not in unguarded):
        yield f"Again for those: lab {operation} {again}{yes}"
    if first := " ".join(r.student for r in bad if r.student in unguarded):
        yield f"First, so that their work is archived again: lab up {first}"
