"""What a person sees of a run: a line per change, or a property diff, then diagnostics, outputs and
counts."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections import Counter

from sandbox.engine.rows import SYMBOLS, Row, changed_keys, retained, tree_lines
from sandbox.engine.values import PropertyMap

_DOING = {
    **{
        "create": "creating",
        "update": "updating",
        "delete": "deleting",
        "replace": "replacing",
        "refresh": "refreshing",
    },
    **{
        "create-replacement": "creating replacement",
        "delete-replaced": "deleting original",
        "read": "reading",
    },
}
_DONE = {
    **{
        "create": "created",
        "update": "updated",
        "delete": "deleted",
        "replace": "replaced",
        "refresh": "refresh",
    },
    **{"create-replacement": "created replacement", "delete-replaced": "deleted original", "read": "read"},
}
_TO_DO = {"create-replacement": "create replacement", "delete-replaced": "delete original"}
_TITLES = {"update": ("Previewing update", "Updating"), "refresh": ("Previewing refresh", "Refreshing")}
_TITLES |= {"destroy": ("Previewing destroy", "Destroying")}
_COUNTED = ("create", "update", "delete", "replace", "read", "discard")
_DESTROYED = """The resources in the stack have been deleted, but the history and configuration associated
with the stack are still maintained.
If you want to remove the stack completely, run `pulumi stack rm {stack}`."""
_STACK = "pulumi:pulumi:Stack"


class Display:
    """A listener for the events of one run."""

    def __init__(self, kind: str, stack: str, preview: bool, arguments: Namespace, interactive: bool) -> None:
        from sandbox.engine.details import Details
        from sandbox.engine.document import Document

        self._preview, self._kind, self._arguments = preview, kind, arguments
        self._rows: dict[str, Row] = {}
        self._messages: dict[str, list[str]] = {}
        self._errors: Counter[str] = Counter()
        self._started = time.monotonic()
        self._root = ""
        self._outputs: tuple[PropertyMap, PropertyMap] | None = None
        self._document = Document() if arguments.json else None
        self.details = Details()
        self._say(f"{_TITLES[kind][not preview]} ({stack}):")
        self._at_terminal = interactive and sys.stdout.isatty()

    def __call__(self, event: PropertyMap) -> None:
        if self._document is not None:
            self._document(event)
            return
        for kind, handle in (
            ("resourcePreEvent", self._begun),
            ("resOutputsEvent", self._done),
            ("resOpFailedEvent", self._failed),
            ("diagnosticEvent", self._diagnosed),
            ("summaryEvent", self._summary),
        ):
            if kind in event:
                handle(event[kind])

    def _say(self, text: str) -> None:
        if self._document is None:
            print(text, flush=True)

    def _row(self, metadata: PropertyMap) -> Row | None:
        urn = metadata["urn"]
        if metadata["type"].startswith("pulumi:providers:") and urn.rpartition("::")[2].startswith("default"):
            return None
        if metadata["type"] == _STACK:
            self._root = urn
        row = self._rows.setdefault(urn, Row(urn, metadata["type"]))
        row.op = metadata["op"]
        row.parent = (metadata["new"] or metadata["old"] or {}).get("parent", "")
        if metadata["op"] in ("update", "replace", "create-replacement", "refresh"):
            row.diff = changed_keys(metadata) or row.diff
        return row

    def _begun(self, event: PropertyMap) -> None:
        metadata = event["metadata"]
        if (row := self._row(metadata)) is None:
            return
        row.since = time.monotonic()
        if metadata["op"] != "same" and not self._preview:
            row.status = f"{_DOING.get(metadata['op'], metadata['op'])} (0s){retained(metadata)}"
            self._show(row)

    def _done(self, event: PropertyMap) -> None:
        metadata = event["metadata"]
        if metadata["type"] == _STACK and metadata["op"] != "refresh":
            old = (metadata["old"] or {}).get("outputs", {})
            self._outputs = (old, (metadata["new"] or {}).get("outputs", {}))
        if (row := self._row(metadata)) is None:
            return
        self.details.add(metadata)
        op = metadata["op"]
        if op == "same":
            row.status = ""
            return
        elapsed = f" ({time.monotonic() - row.since:.2f}s)"
        status = _TO_DO.get(op, op) if self._preview else _DONE.get(op, op) + elapsed
        row.status = status + retained(metadata)
        self._show(row)

    def _failed(self, event: PropertyMap) -> None:
        if (row := self._row(event["metadata"])) is None:
            return
        row.status = f"**{_DOING.get(row.op, row.op)} failed**"
        self._show(row)

    def _diagnosed(self, event: PropertyMap) -> None:
        if event["severity"] == "debug" and not self._arguments.debug:
            return
        urn = event.get("urn", "") or self._root
        text = event.get("prefix", "") + event["message"].rstrip("\n")
        if event["severity"] == "error":
            self._errors[urn] += 1
        if not event.get("ephemeral"):
            self._messages.setdefault(urn, []).append(text)
        row = self._rows.setdefault(urn, Row(urn, urn.split("::")[2].rpartition("$")[2] if urn else _STACK))
        row.message = text.split("\n")[0]
        self._show(row)

    def _show(self, row: Row) -> None:
        if not self._arguments.diff and not (self._arguments.suppress_progress and row.message):
            self._say(row.line())

    def _summary(self, event: PropertyMap) -> None:
        if self._arguments.diff:
            self._say(self.details.text())
        elif self._at_terminal:
            self._say("\n".join(["", *tree_lines(self._rows, self._preview), ""]))
        self._print_messages()
        if self._outputs and not self._arguments.suppress_outputs and self._kind != "destroy":
            self._print_outputs(*self._outputs)
        self._print_counts(event["resourceChanges"])
        if not self._preview:
            self._say(f"Duration: {event['durationSeconds']}s\n")

    def _print_messages(self) -> None:
        if not self._messages:
            return
        self._say("Diagnostics:")
        for urn, messages in self._messages.items():
            row = self._rows[urn]
            self._say(f"  {row.type} ({row.name}):")
            for message in messages:
                self._say("\n".join(f"    {line}" for line in message.split("\n")))
            self._say("")

    def _print_outputs(self, old: PropertyMap, new: PropertyMap) -> None:
        from sandbox.engine.details import property_lines

        lines = property_lines(old, new, indent=4, keep_same=not self._preview or old == {})
        if lines:
            self._say("\n".join(["Outputs:", *lines, ""]))

    def _print_counts(self, changes: dict[str, int]) -> None:
        self._say("Resources:")
        total = 0
        for op in _COUNTED:
            if count := changes.get(op, 0):
                total += count
                what = f"to {op}" if self._preview else _DONE.get(op, op)
                self._say(f"    {SYMBOLS[op]}{count} {what}")
        same = changes.get("same", 0)
        if same:
            self._say(
                f"    {total} change{'s' * (total != 1)}. {same} unchanged"
                if total
                else f"    {same} unchanged"
            )
        if errors := len([urn for urn in self._errors if self._errors[urn]]):
            self._say(f"    {errors} errored")
        self._say("")

    def farewell(self, stack: str, failed: bool) -> None:
        if self._document is not None:
            print(json.dumps(self._document.finished(), indent=4, ensure_ascii=False))
        elif self._kind == "destroy" and not self._preview and not failed:
            print(_DESTROYED.format(stack=stack))
