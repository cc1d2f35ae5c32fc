"""One line for each resource, and the question whether to go on (Go: pkg/backend/display/rows.go)."""

from __future__ import annotations

import time
from collections import Counter

from sandbox.engine.delta import compare, from_detailed
from sandbox.engine.state import STACK_TYPE
from sandbox.engine.tree import branches
from sandbox.engine.values import PropertyMap

SYMBOLS = {
    **{
        "create": "+ ",
        "update": "~ ",
        "delete": "- ",
        "same": "  ",
        "replace": "+-",
        "create-replacement": "++",
    },
    **{"delete-replaced": "--", "read": "> ", "read-replacement": ">>", "refresh": "~ ", "discard": "< "},
    **{"discard-replaced": "<<", "remove-pending-replace": "~ "},
}


_COLORS = {"create": "\033[32m{}\033[0m", "delete": "\033[31m{}\033[0m", "update": "\033[33m{}\033[0m"}
_COLORS |= {"replace": "\033[35m{}\033[0m", "refresh": "\033[33m{}\033[0m"}


_DOING = {op: f"{op[:-1]}ing" for op in ("create", "update", "delete", "replace")} | {
    **{"create-replacement": "creating replacement", "delete-replaced": "deleting original"},
    **{"read": "reading", "refresh": "refreshing", "discard": "discarding"},
}
_DONE = {op: f"{op}d" for op in ("create", "update", "delete", "replace", "discard")} | {
    **{"create-replacement": "created replacement", "delete-replaced": "deleted original"},
}
_TO_DO = {"create-replacement": "create replacement", "delete-replaced": "delete original"}
COUNTED = ("create", "update", "delete", "replace", "refresh")
_NAMES = {"error": "error", "warning": "warning", "info": "message", "debug": "debug"}


class Row:
    """What is known of one resource; `step` is the metadata of its latest event."""

    def __init__(self, urn: str, preview: bool) -> None:
        self.urn, self._preview = urn, preview
        self.step: PropertyMap = {}
        self.is_hidden, self.has_failed, self.has_run_ended = True, False, False
        self.counts: Counter[str] = Counter()
        self._heard: dict[int, list[str]] = {}
        self._last, self._started, self._ended = "", 0.0, 0.0
        self._done: dict[str, PropertyMap] = {}

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def type(self) -> str:
        return self.urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2]

    @property
    def op(self) -> str:
        return str(self.step.get("op", "same"))

    @property
    def _state(self) -> PropertyMap:
        return self.step.get("new") or self.step.get("old") or {}

    @property
    def parent(self) -> str:
        return str(self._state.get("parent", ""))

    @property
    def is_custom(self) -> bool:
        return bool(self._state.get("custom"))

    @property
    def _is_stack(self) -> bool:
        return self.step.get("type") == STACK_TYPE

    @property
    def is_done(self) -> bool:
        if self.has_failed or self.has_run_ended:
            return True
        return not self._is_stack and self.op in self._done

    def take(self, metadata: PropertyMap, done: bool) -> None:
        self.step = metadata
        if done:
            self._done[self.op] = metadata
            self._ended = time.monotonic()
        else:
            self._started, self._ended = time.monotonic(), 0.0

    def hear(self, diagnostic: PropertyMap) -> None:
        """Messages of one stream, which a program wrote piece by piece, belong together."""
        text = diagnostic.get("prefix", "") + diagnostic["message"]
        self._last = text
        if diagnostic.get("ephemeral"):
            return
        stream = diagnostic.get("streamID", 0)
        self.counts[diagnostic["severity"].partition("#")[0]] += 1
        texts = self._heard.setdefault(stream, [])
        if stream and texts:
            texts[0] += text
        else:
            texts.append(text)

    def messages(self) -> list[str]:
        """One text for each block of lines that belong together."""
        return ["\n".join(text.rstrip() for text in texts) for texts in self._heard.values()]

    @property
    def status(self) -> str:
        return self._status() + (retained(self.step) if self.step else "")

    def _status(self) -> str:
        doing, failed = _DOING.get(self.op, ""), self.has_failed or self.counts["error"] > 0
        if not self.is_done:
            if self.op == "same":
                return "running" if self._is_stack else ""
            return self._plan if self._preview else f"{doing} ({int(time.monotonic() - self._started)}s)"
        if doing and self.is_custom and not (failed or self.op in self._done):
            return f"{doing} (interrupted)"
        if self._preview:
            return self._plan
        took = self._ended - self._started if self._ended and self.op != "same" else None
        seconds = "" if took is None else f" ({took:.2f}s)" if took < 1 else f" ({int(took)}s)"
        if failed:
            return f"**{_DOING.get(self.op.partition('-')[0], '')} failed{seconds}**".replace("** ", "**")
        return _DONE.get(self.op, "" if self.op == "same" else self.op) + seconds

    @property
    def _plan(self) -> str:
        if self.op == "refresh":
            return "refresh" if self.is_done else "refreshing"
        return "" if self.op == "same" else _TO_DO.get(self.op, self.op)

    @property
    def info(self) -> str:
        if self.has_run_ended:
            told = [f"{n} {name}{'s' * (n > 1)}" for kind, name in _NAMES.items() if (n := self.counts[kind])]
        else:
            told = [self._last.strip()] if self._last else []
        replacing = self.op in ("create-replacement", "delete-replaced")
        diff = short_diff(self._done.get("replace", self.step) if replacing else self.step)
        return "; ".join([*([diff] if diff else []), *told]).split("\n")[0]

    def line(self) -> str:
        return f" {SYMBOLS.get(self.op, '  ')} {self.type} {self.name} {self.status} {self.info}"


def tree_lines(all_rows: list[Row], preview: bool) -> list[str]:
    """All resources as the tree that a person at a terminal sees at the end of a run."""
    rows = {row.urn: row for row in all_rows[::-1]}  # of two for the stack, the first
    shown = {urn for urn, row in rows.items() if not row.is_hidden}
    for urn in list(shown):
        while (urn := rows[urn].parent) in rows and urn not in shown:
            shown.add(urn)
    table = [("    ", "Type", "Name", "Plan" if preview else "Status", "Info")]
    for urn, lead, _ in branches({urn: row.parent for urn, row in [*rows.items()][::-1] if urn in shown}):
        row = rows[urn]
        symbol = _COLORS.get(row.op, "{}").format(SYMBOLS.get(row.op, "  "))
        table.append((f" {symbol} ", lead + row.type, row.name, row.status, row.info))
    widths = [max(len(line[column]) for line in table) for column in (1, 2, 3)]
    return [
        f"{line[0]}{line[1]:<{widths[0]}}  {line[2]:<{widths[1]}}  {line[3]:<{widths[2]}}  {line[4]}".rstrip()
        for line in table
    ]


def short_diff(metadata: PropertyMap) -> str:
    """`[diff: +added-deleted~updated]`, of the properties that decided; "" without any."""
    old, new = metadata.get("old"), metadata.get("new")
    if not old or not new:
        return ""
    marks: dict[str, str] = {}
    if metadata["op"] != "same":
        known = metadata["detailedDiff"] is not None
        delta = from_detailed(metadata, False) if known else compare(old.resource.inputs, new.resource.inputs)
        marks = {name: each.mark.strip() for name, each in (delta.children or {}).items()}
    for name in ("provider", "protect", "taint"):
        if getattr(old.resource, name) != getattr(new.resource, name):
            marks[name] = "~"
    decided = metadata.get("diffs") or marks
    groups = {
        sign: [name for name in sorted(marks) if marks[name] == sign and name in decided] for sign in "+-~"
    }
    listed = "".join(sign + ",".join(names) for sign, names in groups.items() if names)
    return f"[diff: {listed}]" if any(marks.values()) else ""


def is_shown(metadata: PropertyMap, show_sames: bool) -> bool:
    """Unchanged resources are left out, but for those whose protection changed."""
    if metadata["op"] != "same" or show_sames:
        return True
    sides = [(metadata[side] or {}).get("protect", False) for side in ("old", "new")]
    return bool(sides[0] != sides[1])


def retained(metadata: PropertyMap) -> str:
    """Where what is replaced or deleted stays in the world."""
    ends = metadata["op"] in ("delete", "replace", "create-replacement", "delete-replaced")
    return "[retain]" if ends and metadata["old"] and metadata["old"].resource.retain_on_delete else ""


def confirm(kind: str, details: str) -> bool:
    """Ask until the answer is yes or no; `details` is the property diff."""
    while True:
        answer = input(f"Do you want to perform this {kind}? [yes/no/details] ").strip().lower()
        if answer in ("yes", "y"):
            return True
        if answer in ("no", "n", ""):
            return False
        if answer in ("details", "d"):
            print(details)
