"""One line for each resource, and the question whether to go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.engine.tree import branches
from sandbox.engine.values import PropertyMap

if TYPE_CHECKING:
    from sandbox.engine.details import Details

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


class Row:
    """One resource's line."""

    def __init__(self, urn: str, kind: str) -> None:
        self.urn, self.type = urn, kind
        self.op, self.status, self.diff, self.message = "same", "", "", ""
        self.since = time.monotonic()
        self.parent = ""

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def info(self) -> str:
        return "; ".join(part for part in (self.diff, self.message) if part)

    def line(self) -> str:
        return f" {SYMBOLS.get(self.op, '  ')} {self.type} {self.name} {self.status} {self.info}"


def tree_lines(rows: dict[str, Row], preview: bool) -> list[str]:
    """All resources as the tree that a person at a terminal sees at the end of a run."""
    table = [("    ", "Type", "Name", "Plan" if preview else "Status", "Info")]
    for urn, lead, _ in branches({urn: row.parent for urn, row in rows.items() if urn}):
        row = rows[urn]
        symbol = _COLORS.get(row.op, "{}").format(SYMBOLS.get(row.op, "  "))
        table.append((f" {symbol} ", lead + row.type, row.name, row.status, row.info))
    widths = [max(len(line[column]) for line in table) for column in (1, 2, 3)]
    return [
        f"{line[0]}{line[1]:<{widths[0]}}  {line[2]:<{widths[1]}}  {line[3]:<{widths[2]}}  {line[4]}".rstrip()
        for line in table
    ]


def changed_inputs(metadata: PropertyMap) -> dict[str, set[str]]:
    """Top-level inputs by "+" (added), "-" (deleted) and "~" (updated), secret ones among them."""
    old, new = (metadata[which].resource.inputs if metadata[which] else {} for which in ("old", "new"))
    hidden = {"__provider"}
    return {
        "+": new.keys() - old.keys() - hidden,
        "-": old.keys() - new.keys() - hidden,
        "~": {key for key in old.keys() & new.keys() if old[key] != new[key]} - hidden,
    }


def changed_keys(metadata: PropertyMap) -> str:
    """`[diff: +added-deleted~updated]`."""
    groups = changed_inputs(metadata).items()
    parts = [sign + ",".join(sorted(keys)) for sign, keys in groups if keys]
    return f"[diff: {','.join(parts)}]" if parts else ""


def retained(metadata: PropertyMap) -> str:
    """Where what is replaced or deleted stays in the world."""
    ends = metadata["op"] in ("delete", "replace", "create-replacement", "delete-replaced")
    return "[retain]" if ends and metadata["old"] and metadata["old"].resource.retain_on_delete else ""


def confirm(kind: str, details: Details) -> bool:
    """Ask until the answer is yes or no; `details` shows the property diff."""
    while True:
        answer = input(f"Do you want to perform this {kind}? [yes/no/details] ").strip().lower()
        if answer in ("yes", "y"):
            return True
        if answer in ("no", "n", ""):
            return False
        if answer in ("details", "d"):
            print(details.text())
