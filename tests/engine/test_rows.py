"""The tree that a person at a terminal sees."""

from __future__ import annotations

import re

from sandbox.engine.rows import Row, tree_lines

KINDS = ("pulumi:pulumi:Stack::bench-dev", "a:b:G::g", "T::p", "T::o")
STACK, GROUP, PART, OTHER = (f"urn:pulumi:dev::bench::{kind}" for kind in KINDS)


def row(urn: str, parent: str, op: str, is_hidden: bool) -> Row:
    made = Row(urn, preview=True)
    state = {"parent": parent, "custom": True}
    made.take({"op": op, "urn": urn, "type": made.type, "old": None, "new": state}, done=True)
    made.is_hidden = is_hidden
    return made


def test_an_unchanged_parent_is_in_the_tree_for_the_sake_of_its_changed_child() -> None:
    rows = [
        row(STACK, "", "same", is_hidden=False),
        row(GROUP, STACK, "same", is_hidden=True),
        row(PART, GROUP, "create", is_hidden=False),
        row(OTHER, STACK, "same", is_hidden=True),
    ]
    for each in rows:
        each.has_run_ended = True
    colors = re.compile(r"\033\[\d+m")
    shown = [" ".join(colors.sub("", line).split()) for line in tree_lines(rows, preview=True)]
    assert shown[1:] == ["pulumi:pulumi:Stack bench-dev", "└─ a:b:G g", "+ └─ T p create"]
