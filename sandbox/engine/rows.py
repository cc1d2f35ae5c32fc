"""One line for each resource, and the question whether to go on."""

from __future__ import annotations

import time

from sandbox.engine.details import Details
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


class Row:
    """One resource's line."""

    def __init__(self, urn: str, kind: str) -> None:
        self.urn, self.type = urn, kind
        self.op, self.status, self.diff, self.message = "same", "", "", ""
        self.since = time.monotonic()

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    def line(self) -> str:
        info = "; ".join(part for part in (self.diff, self.message) if part)
        return f" {SYMBOLS.get(self.op, '  ')} {self.type} {self.name} {self.status} {info}"


def changed_keys(metadata: PropertyMap) -> str:
    """`[diff: +added-deleted~updated]`, by top-level inputs."""
    old, new = ((metadata[which] or {}).get("inputs", {}) for which in ("old", "new"))
    groups = {"+": new.keys() - old.keys(), "-": old.keys() - new.keys()}
    groups["~"] = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    parts = [
        sign + ",".join(sorted(keys - {"__provider"}))
        for sign, keys in groups.items()
        if keys - {"__provider"}
    ]
    return f"[diff: {','.join(parts)}]" if parts else ""


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
