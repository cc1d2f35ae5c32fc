"""`preview --json`: the run as one document."""

from __future__ import annotations

import json
import time
from typing import Any

from sandbox.engine.rows import is_shown
from sandbox.engine.state import JSON_NAMES, STACK_TYPE, Resource
from sandbox.engine.values import PropertyMap, is_secret

_AS_GO_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


class Document:
    """A listener that collects steps and diagnostics."""

    def __init__(self) -> None:
        self._started = time.monotonic_ns()
        self._config: PropertyMap = {}
        self._steps: list[PropertyMap] = []
        self._diagnostics: list[PropertyMap] = []
        self._changes: PropertyMap = {}

    def __call__(self, event: PropertyMap) -> None:
        if "preludeEvent" in event:
            self._config = dict(sorted(event["preludeEvent"]["config"].items()))
        elif found := event.get("resourcePreEvent"):
            self._step(found["metadata"])
        elif (found := event.get("diagnosticEvent")) and found["severity"] != "debug":
            message = found.get("prefix", "") + found["message"]
            urn = {"urn": found["urn"]} if found.get("urn") else {}
            self._diagnostics.append(urn | {"message": message, "severity": found["severity"]})
        elif found := event.get("summaryEvent"):
            self._print(found["resourceChanges"])

    def _step(self, metadata: PropertyMap) -> None:
        logical = metadata.get("logical") or metadata["op"] == "refresh"
        if not logical or not (metadata["type"] == STACK_TYPE or is_shown(metadata, show_sames=False)):
            return
        step: PropertyMap = {"op": metadata["op"], "urn": metadata["urn"]}
        if metadata["provider"]:
            step["provider"] = metadata["provider"]
        for name, state in (("oldState", metadata["old"]), ("newState", metadata["new"])):
            if state:
                step[name] = _whole(state.resource)
        if metadata.get("diffs"):
            step["diffReasons"] = metadata["diffs"]
        if metadata.get("keys"):
            step["replaceReasons"] = metadata["keys"]
        self._steps.append(step | {"detailedDiff": _detailed(metadata["detailedDiff"])})

    def _print(self, changes: PropertyMap) -> None:
        document: PropertyMap = {"config": self._config} if self._config else {}
        document |= {
            "steps": self._steps,
            "diagnostics": self._diagnostics,
            "duration": time.monotonic_ns() - self._started,
            "changeSummary": changes,
        }
        text = json.dumps({key: each for key, each in document.items() if each}, indent=4, ensure_ascii=False)
        print(text.translate(_AS_GO_ESCAPES), flush=True)


def _whole(resource: Resource) -> PropertyMap:
    """The resource as the checkpoint has it, with secrets masked."""
    values = {name: getattr(resource, attribute) for attribute, name in JSON_NAMES.items()}
    return {name: _text(value) for name, value in values.items() if value or name in ("urn", "custom")}


def _detailed(diff: PropertyMap | None) -> PropertyMap | None:
    return diff and {
        path: {"kind": each["diffKind"], "inputDiff": each["inputDiff"]} for path, each in diff.items()
    }


def _text(value: Any) -> Any:
    if is_secret(value):
        return "[secret]"
    if isinstance(value, dict):
        return {key: _text(value[key]) for key in sorted(value)}
    return [_text(item) for item in value] if isinstance(value, list) else value
