"""A run's steps with their property diffs, as `--diff` shows them (Go: pkg/backend/display/diff.go)."""

from __future__ import annotations

from argparse import Namespace

from sandbox.engine.delta import Delta, compare, from_detailed
from sandbox.engine.property_text import CHANGED, NO_MARK, PropertyText, indentation, is_empty
from sandbox.engine.rows import SYMBOLS, is_shown, retained
from sandbox.engine.state import STACK_TYPE
from sandbox.engine.values import UNKNOWN, PropertyMap

_READS = ("read", "read-replacement")


class Details:
    """Renders one event after the other; `only_changes` leaves out what a question's answer does not need."""

    def __init__(self, preview: bool, arguments: Namespace, only_changes: bool) -> None:
        self._preview, self._show_sames, self._only_changes = preview, arguments.show_sames, only_changes
        self._write = PropertyText(arguments.show_secrets, only_changes, arguments.show_full_output)
        self._seen: dict[str, PropertyMap] = {}

    def __call__(self, event: PropertyMap) -> str:
        begun, done = event.get("resourcePreEvent"), event.get("resOutputsEvent")
        return self._begun(begun["metadata"]) if begun else self._done(done["metadata"]) if done else ""

    def _begun(self, metadata: PropertyMap) -> str:
        self._seen[metadata["urn"]] = metadata
        if metadata["op"] == "refresh" or not self._is_shown(metadata):
            return ""
        return self._header(metadata) + self._properties(metadata, refresh=False)

    def _done(self, metadata: PropertyMap) -> str:
        if not self._is_shown(metadata):
            return ""
        refresh = self._seen.get(metadata["urn"], {}).get("op") == "refresh"
        if refresh and metadata["op"] == "update":
            return self._header(metadata) + self._properties(metadata, refresh=True)
        level = self._level(metadata) + 1
        outputs = self.outputs(metadata, level, refresh)
        header = refresh and (metadata["op"] != "refresh" or outputs or metadata["type"] == STACK_TYPE)
        shown = f"{indentation(level)}--outputs:--\n{outputs}" if outputs else ""
        return (self._header(metadata) if header else "") + shown

    def _is_shown(self, metadata: PropertyMap) -> bool:
        replacing = metadata["op"] in ("create-replacement", "delete-replaced", "discard-replaced")
        if replacing and not metadata.get("logical"):
            return False
        return metadata["type"] == STACK_TYPE or is_shown(metadata, self._show_sames)

    def _level(self, metadata: PropertyMap) -> int:
        """One for each parent that was shown before."""
        state = metadata["new"] or metadata["old"]
        parent = self._seen.get(state["parent"])
        return 0 if parent is None else self._level(parent) + self._is_shown(parent)

    def _header(self, metadata: PropertyMap) -> str:
        level, op = self._level(metadata), metadata["op"]
        old, new = metadata["old"] or {}, metadata["new"] or {}
        lock = " 🔓" if new and old.get("protect") and not new.get("protect") else ""
        lock = lock or (" 🔒" if new.get("protect") or old.get("protect") else "")
        facts = [f"[id={old['id']}]"] if old.get("id") else []
        facts.append(f"[urn={metadata['urn']}]")
        provider = metadata["provider"]
        if provider and old and new and old["provider"] != new["provider"]:
            facts.append(f"[provider: {old['provider']} => {new['provider']}]")
        elif provider and provider.rpartition("::")[0].rpartition("::")[2] != "default":
            facts.append(f"[provider={provider}]")
        title = f"{indentation(level)}{SYMBOLS[op]}{metadata['type']}: ({op}{retained(metadata)}){lock}"
        return "\n".join([title, *(indentation(level + 1) + fact for fact in facts), ""])

    def _properties(self, metadata: PropertyMap, refresh: bool) -> str:
        level = self._level(metadata) + 1
        if metadata["op"] == "same":
            return ""
        old, new = (metadata[side] and metadata[side].resource for side in ("old", "new"))
        if metadata["detailedDiff"] is not None:
            delta = from_detailed(metadata, refresh)
            return self._write.changes(delta, level) or self._write.properties(old.inputs, level)
        if old is None:
            return self._write.properties(new.outputs or new.inputs, level)
        if new is None:
            return "" if self._only_changes else self._write.properties(old.inputs, level)
        before, after = (old.outputs, new.outputs) if new.outputs else (old.inputs, new.inputs)
        delta = compare(before, after)
        if delta.mark == NO_MARK:
            return self._write.properties(after, level)
        return self._write.changes(delta, level)

    def outputs(self, metadata: PropertyMap, level: int, refresh: bool = False) -> str:
        """The outputs that are not inputs too: all where they are new, else those that changed."""
        is_stack = metadata["type"] == STACK_TYPE
        if self._preview and not (refresh or is_stack or metadata["op"] in _READS):
            return ""
        old, new = (metadata[side] and metadata[side].resource for side in ("old", "new"))
        outputs, inputs = (new.outputs, {} if refresh else new.inputs) if new else ({}, {})
        if old is None:
            shown = {
                name
                for name, value in outputs.items()
                if not is_empty(value) and compare(value, inputs.get(name)).mark != NO_MARK
            }
            return self._write.properties(outputs, level, only=shown)
        delta = compare(old.outputs, outputs)
        if self._preview and is_stack:  # what is not known yet is no news
            _drop_unknown(delta)
        sames = self._show_sames or (is_stack and not self._preview)
        if old.init_errors or (delta.mark == NO_MARK and not sames):
            return ""
        shown = {
            name
            for name, each in (delta.children or {}).items()
            if (sames or each.mark != NO_MARK)
            and (name not in inputs or compare(each.new, inputs[name]).mark != NO_MARK)
        }
        return self._write.changes(delta, level, only=shown)


def _drop_unknown(delta: Delta) -> None:
    children = delta.children or {}
    delta.children = {
        name: each for name, each in children.items() if each.mark != CHANGED or each.new != UNKNOWN
    }
