"""What one run of `pulumi` told through its event log: changes, errors, outputs (pulumi-facts.md A8, B.1)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's sentinel for a value known only after the run."""

STACK_TYPE = "pulumi:pulumi:Stack"
MACHINE_TYPE = ":Machine"
ARCHIVE_TYPE = ":Archive"
REPLACING = frozenset({"replace", "create-replacement", "delete-replaced", "discard-replaced"})
CHANGING = frozenset({"create", "update", "delete", "import", *REPLACING})

Action = Literal["create", "update", "replace", "delete"]
Event = Mapping[str, Any]


@dataclass
class Change:
    """One resource that is, or would be, changed. `olds` and `news`: inputs, secrets still in envelopes."""

    urn: str
    kind: str
    action: Action
    olds: dict[str, Any] = field(default_factory=dict)
    news: dict[str, Any] = field(default_factory=dict)
    properties: list[str] = field(default_factory=list)
    replaced_for: list[str] = field(default_factory=list)
    protected: bool = False
    done: bool = False
    failed: bool = False

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def loses_disk(self) -> bool:
        """A machine's disk goes with it."""
        return self.kind.endswith(MACHINE_TYPE) and self.action in ("replace", "delete")

    @property
    def archives(self) -> bool:
        """Its deletion packs the home folder, as the last `up` left its mode."""
        is_gone = self.kind.endswith(ARCHIVE_TYPE) and self.action in ("replace", "delete")
        return is_gone and self.olds.get("mode") == "on"


@dataclass
class StackEvents:
    """Grows with every event of one run.

    `changes` is what the program wants changed; `drift` what a refresh found changed behind Pulumi's back,
    also the refresh with which every preview and `up` begins.
    """

    changes: dict[str, Change] = field(default_factory=dict)
    drift: dict[str, Change] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    outputs_before: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    step: str = ""
    refreshing: set[str] = field(default_factory=set)

    def add(self, event: Event) -> None:
        """Takes in one event; kinds that are not known are passed over."""
        for kind, body in event.items():
            if handler := HANDLERS.get(kind):
                handler(self, body)

    def tally(self) -> dict[str, int]:
        """How many resources by action; empty where nothing changes."""
        return dict(Counter(change.action for change in self.changes.values()))

    def drifted(self) -> dict[str, int]:
        """How many resources a refresh found updated or deleted."""
        return dict(Counter(change.action for change in self.drift.values()))

    @property
    def loses_disk(self) -> bool:
        return any(change.loses_disk for change in self.changes.values())

    @property
    def is_archived(self) -> bool:
        """What is on the disk that is lost is archived first (components/archive.py)."""
        return any(change.archives for change in self.changes.values())


def begin_step(stream: StackEvents, body: Event) -> None:
    metadata = body["metadata"]
    urn, operation = str(metadata["urn"]), str(metadata["op"])
    if operation == "refresh":
        stream.refreshing.add(urn)
    if is_shown(metadata):
        stream.step = f"{urn.rpartition('::')[2]}: {operation}"
        record(stream.changes, metadata)


def end_step(stream: StackEvents, body: Event) -> None:
    metadata = body["metadata"]
    urn = str(metadata["urn"])
    if urn in stream.refreshing:
        stream.refreshing.discard(urn)
        note_drift(stream, metadata)
        return
    if metadata.get("type") == STACK_TYPE:
        stream.outputs_before = state_of(metadata, "old").get("outputs") or stream.outputs_before
        stream.outputs = state_of(metadata, "new").get("outputs") or {}
    if is_shown(metadata):
        record(stream.changes, metadata).done = True


def note_drift(stream: StackEvents, metadata: Event) -> None:
    """A refreshed resource that is gone or differs; the event's own word for it may still be `refresh`."""
    operation = metadata["op"]
    if operation == "refresh":
        operation = "update" if any(named_properties(metadata)) else "same"
    found = {**metadata, "op": operation}
    if is_shown(found):
        record(stream.drift, found)


def fail_step(stream: StackEvents, body: Event) -> None:
    if is_shown(body["metadata"]):
        record(stream.changes, body["metadata"]).failed = True


def diagnose(stream: StackEvents, body: Event) -> None:
    severity, message = body.get("severity"), str(body.get("message", ""))
    if severity == "error" and not body.get("ephemeral"):
        stream.errors.append(message)
    elif severity == "warning" and not body.get("ephemeral"):
        stream.warnings.append(message)


HANDLERS = {
    "resourcePreEvent": begin_step,
    "resOutputsEvent": end_step,
    "resOpFailedEvent": fail_step,
    "diagnosticEvent": diagnose,
}


def is_shown(metadata: Event) -> bool:
    """The stack itself is no resource to a reader, and default providers change with any configuration."""
    kind = str(metadata.get("type", ""))
    return metadata["op"] in CHANGING and kind != STACK_TYPE and not kind.startswith("pulumi:providers:")


def record(changes: dict[str, Change], metadata: Event) -> Change:
    """The change of this resource; the steps of a replacement are one change."""
    urn, operation = str(metadata["urn"]), str(metadata["op"])
    action: Action = "replace" if operation in REPLACING else operation  # type: ignore[assignment]
    change = changes.get(urn)
    if change is None or (change.action != action and change.action != "replace"):
        change = changes[urn] = Change(urn, str(metadata.get("type", "")), action)
    old, new = state_of(metadata, "old"), state_of(metadata, "new")
    change.olds = old.get("inputs") or change.olds
    change.news = new.get("inputs") or change.news
    change.protected = change.protected or bool(old.get("protect"))
    change.properties = sorted({*change.properties, *named_properties(metadata)})
    change.replaced_for = sorted({*change.replaced_for, *(metadata.get("keys") or [])})
    return change


def named_properties(metadata: Event) -> Iterator[str]:
    """Top-level names of what the engine says differs."""
    for path in [*(metadata.get("diffs") or []), *(metadata.get("detailedDiff") or {})]:
        yield str(path).partition("[")[0].partition(".")[0]


def state_of(metadata: Event, which: str) -> dict[str, Any]:
    return metadata.get(which) or {}


def parse_lines(lines: Iterable[str]) -> Iterator[Event]:
    """Events from JSON lines; a line that was cut off by a kill is passed over."""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def load(path: Path) -> StackEvents:
    """Everything that a finished run told. Empty where the run ended before its first event."""
    stream = StackEvents()
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            for event in parse_lines(file):
                stream.add(event)
    return stream
