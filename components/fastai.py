"""fastai as the course wants it: the repository at a revision of its upstream, the environment beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from components import guest_files
from components.step import Plan, Step
from components.step_component import StepComponent

NAME = "fastai"
COMMIT = re.compile(r"[0-9a-f]{7,40}")


class FastaiUpdate(StepComponent):
    """`git pull` and `conda env update`, with local edits kept and the environment put back on failure."""

    TYPE = "fastai:paperspace:FastaiUpdate"
    STEP = NAME


def fastai_step(revision: str) -> Step:
    """The step that follows `revision`, or upstream's main branch where that is empty."""
    common = guest_files.with_variables(guest_files.read("fastai_common.sh"), {"REVISION": revision})

    def plan(facts: Mapping[str, str]) -> Plan:
        wanted = revision if COMMIT.fullmatch(revision) else facts.get("wanted", "")
        body = guest_files.with_variables(common + guest_files.read("fastai_apply.sh"), {"WANTED": wanted})
        return Plan(summary(revision, facts), body)

    return Step(NAME, common + guest_files.read("fastai_check.sh"), plan)


def summary(revision: str, facts: Mapping[str, str]) -> str:
    """Such as "fastai: revision a1b2c3d -> d4e5f6a, 14 commits"."""
    head, wanted = facts.get("head", "")[:7], facts.get("wanted", "")[:7]
    if not wanted:
        return f"fastai: revision {revision or 'newest of its upstream'}"
    if not head or head == wanted:
        return f"fastai: revision {wanted}"
    commits = facts.get("commits", "")
    count = f", {commits} commit{'' if commits == '1' else 's'}" if commits not in ("", "0") else ""
    return f"fastai: revision {head} -> {wanted}{count}"
