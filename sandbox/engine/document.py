"""`preview --json`: the run as one document."""

from __future__ import annotations

import time
from typing import Any

from sandbox.engine.state import JSON_NAMES, Resource
from sandbox.engine.values import PropertyMap, is_secret, mapped


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
            self._config = event["preludeEvent"]["config"]
        elif found := event.get("resourcePreEvent"):
            self._step(found["metadata"])
        elif (found := event.get("diagnosticEvent")) and found["severity"] != "debug":
            message = found.get("prefix", "") + found["message"]
            urn = {"urn": found["urn"]} if found.get("urn") else {}
            self._diagnostics.append(urn | {"message": message, "severity": found["severity"]})
        elif found := event.get("summaryEvent"):
            self._changes = found["resourceChanges"]

    def _step(self, metadata: PropertyMap) -> None:
        default = metadata["type"].startswith("pulumi:providers:") and metadata["urn"].rpartition("::")[
            2
        ].startswith("default")
        logical = metadata.get("logical") or metadata["op"] == "refresh"
        if default or not logical or not _is_shown(metadata):
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

    def finished(self) -> PropertyMap:
        config = {"config": self._config} if self._config else {}
        return config | {
            "steps": self._steps,
            "diagnostics": self._diagnostics,
            "duration": time.monotonic_ns() - self._started,
            "changeSummary": self._changes,
        }


def _is_shown(metadata: PropertyMap) -> bool:
    """Unchanged resources are left out, but for the stack and those whose protection changed."""
    protection = [(metadata[which] or {}).get("protect", False) for which in ("old", "new")]
    return metadata["op"] != "same" or metadata["type"] == "pulumi:pulumi:Stack" or len(set(protection)) > 1


def _whole(resource: Resource) -> PropertyMap:
    """The resource as the checkpoint has it, with secrets masked."""
    values = {name: getattr(resource, attribute) for attribute, name in JSON_NAMES.items()}
    return {name: _text(value) for name, value in values.items() if value or name in ("urn", "custom")}


def _detailed(diff: PropertyMap | None) -> PropertyMap | None:
    return diff and {
        path: {"kind": each["diffKind"], "inputDiff": each["inputDiff"]} for path, each in diff.items()
    }


def _text(value: Any) -> Any:
    return mapped(value, lambda part: "[secret]" if is_secret(part) else part)
