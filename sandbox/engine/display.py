"""What a person sees of a run: a line per change, or a property diff, then diagnostics, outputs and counts
(Go: pkg/backend/display/progress.go, diff.go)."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

from sandbox.engine.backend import StackReference
from sandbox.engine.details import Details
from sandbox.engine.document import Document
from sandbox.engine.events import Listener
from sandbox.engine.rows import COUNTED, SYMBOLS, Row, is_shown, tree_lines
from sandbox.engine.state import STACK_TYPE, make_urn
from sandbox.engine.values import PropertyMap

_TITLES = {"update": ("Previewing update", "Updating"), "refresh": ("Previewing refresh", "Refreshing")}
_TITLES |= {"destroy": ("Previewing destroy", "Destroying")}
_DISCARDS = ("discard", "discard-replaced", "read-replacement")


def display_for(
    kind: str, stack: StackReference, preview: bool, arguments: Namespace, interactive: bool
) -> Listener:
    if arguments.json:
        return Document() if preview else _json_line
    print(f"{_TITLES[kind][not preview]} ({stack.name}):", flush=True)
    if arguments.diff:
        return DiffDisplay(preview, arguments)
    return ProgressDisplay(stack, preview, arguments, interactive and sys.stdout.isatty())


def _json_line(event: PropertyMap) -> None:
    print(json.dumps(event, separators=(",", ":"), ensure_ascii=False), flush=True)


def _is_heard(diagnostic: PropertyMap, arguments: Namespace) -> bool:
    return diagnostic["severity"] != "debug" or bool(arguments.debug)


def _configuration(config: PropertyMap) -> str:
    return "".join(["Configuration:\n", *(f"    {key}: {config[key]}\n" for key in sorted(config))])


class DiffDisplay:
    """`--diff`: each step with its properties, as it happens; diagnostics go to stderr."""

    def __init__(self, preview: bool, arguments: Namespace) -> None:
        self._arguments = arguments
        self._details = Details(preview, arguments, only_changes=False)
        self._failures = 0

    def __call__(self, event: PropertyMap) -> None:
        if (diagnostic := event.get("diagnosticEvent")) and _is_heard(diagnostic, self._arguments):
            sys.stdout.flush()
            print(diagnostic.get("prefix", "") + diagnostic["message"], end="", file=sys.stderr, flush=True)
        elif "resOpFailedEvent" in event:
            self._failures += 1
        elif "summaryEvent" in event:
            print(_summary(event["summaryEvent"], self._failures), end="", flush=True)
        elif "preludeEvent" in event and self._arguments.show_config:
            print(_configuration(event["preludeEvent"]["config"]), end="", flush=True)
        else:
            print(self._details(event), end="", flush=True)


class ProgressDisplay:
    """A line for each news about a resource; at a terminal also the tree of them all at the end."""

    def __init__(self, stack: StackReference, preview: bool, arguments: Namespace, at_terminal: bool) -> None:
        self._preview, self._arguments, self._at_terminal = preview, arguments, at_terminal
        name = f"{stack.project}-{stack.name}"
        self._default_stack = make_urn(stack.name, stack.project, "", STACK_TYPE, name)
        self._stack = ""
        self._rows: dict[str, Row] = {}

    def __call__(self, event: PropertyMap) -> None:
        if found := event.get("preludeEvent"):
            print(_configuration(found["config"]) if self._arguments.show_config else "", flush=True)
        elif found := event.get("resourcePreEvent") or event.get("resOutputsEvent"):
            self._step(found["metadata"], done="resOutputsEvent" in event)
        elif found := event.get("resOpFailedEvent"):
            row = self._rows[found["metadata"]["urn"]]
            row.has_failed = True
            self._show(row)
        elif found := event.get("diagnosticEvent"):
            self._diagnosed(found)
        elif found := event.get("summaryEvent"):
            self._finish(found)

    def _row(self, urn: str, parent: str = "") -> Row:
        """The row, with one for its parent; as long as the stack is not known, another stands for it."""
        if urn in self._rows:
            return self._rows[urn]
        if f"::{STACK_TYPE}::" in urn:
            self._stack = urn
        row = self._rows.pop("", None) if urn and urn == self._stack else None
        row = self._rows[urn] = row or Row(urn or self._default_stack, self._preview)
        row.urn = urn or self._default_stack
        for other in (parent, self._stack):
            if other not in self._rows and (other or not self._stack):
                self._rows[other] = Row(other or self._default_stack, self._preview)
        if not self._stack:
            self._rows[""].is_hidden = False
        return row

    def _step(self, metadata: PropertyMap, done: bool) -> None:
        op = metadata["op"]
        if op in _DISCARDS and not self._arguments.show_reads:
            return
        if op == "read" and not self._arguments.show_reads:
            text = f"read {metadata['type']} {metadata['urn'].rpartition('::')[2]}"
            self._diagnosed({"message": text, "severity": "info", "ephemeral": True})
            return
        is_known_stack = metadata["urn"] == self._stack
        row = self._row(metadata["urn"], (metadata["new"] or metadata["old"])["parent"])
        row.is_hidden &= not (is_known_stack or is_shown(metadata, self._arguments.show_sames))
        was_refresh = row.op == "refresh"
        row.take(metadata, done)
        if not done or was_refresh or (not self._preview and row.is_custom and op != "same"):
            self._show(row)

    def _diagnosed(self, event: PropertyMap) -> None:
        if not _is_heard(event, self._arguments) or not event["message"].strip():
            return
        row = self._row(event.get("urn", "") or self._stack)
        row.is_hidden = False
        row.hear(event)
        self._show(row)

    def _show(self, row: Row) -> None:
        if not row.is_hidden:
            print(row.line(), flush=True)

    def _finish(self, summary: PropertyMap) -> None:
        rows = list(self._rows.values())
        unfinished = [row for row in rows if not row.is_done]
        for row in rows:
            row.has_run_ended = True
        for row in unfinished:
            self._show(row)
        if self._at_terminal:
            print("\n".join(["", *tree_lines(rows, self._preview), ""]))
        self._print_messages(rows)
        if self._stack and not self._arguments.suppress_outputs:
            details = Details(self._preview, self._arguments, only_changes=False)
            if outputs := details.outputs(self._rows[self._stack].step, level=1):
                print(f"Outputs:\n{outputs}")
        print(_summary(summary, sum(row.counts["error"] > 0 for row in rows)), flush=True)

    def _print_messages(self, rows: list[Row]) -> None:
        told = [(row, texts) for row in rows if (texts := row.messages())]
        if told:
            print("Diagnostics:")
        for row, texts in told:
            print(f"  {row.type} ({row.name}):")
            for text in texts:
                print("".join(f"    {line.rstrip()}\n" for line in text.rstrip().split("\n")))


def _summary(event: PropertyMap, errored: int) -> str:
    changes, preview = event["resourceChanges"], event["isPreview"]
    counted = {op: changes[op] for op in COUNTED if changes.get(op)}
    lines = ["Resources:"]
    for op, count in counted.items():
        lines.append(
            f"    {SYMBOLS[op]}{count} {f'to {op}' if preview else op.replace('refresh', 'refreshe') + 'd'}"
        )
    total = sum(counted.values())
    pieces = [f"{total} change{'s' * (total != 1)}"] if len(counted) > 1 else []
    pieces += [f"{changes['same']} unchanged"] if changes.get("same") else []
    lines += [f"    {'. '.join(pieces)}"] if pieces else []
    lines += [f"    {errored} errored"] if errored else []
    lines += [] if preview else ["", f"Duration: {event['durationSeconds']}s"]
    return "\n".join([*lines, ""])
