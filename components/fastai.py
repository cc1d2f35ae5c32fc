"""fastai as the course wants it: the repository at a revision of its upstream, the environment beside it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from components import guest_files
from components.step import Plan, Step
from components.step_component import StepComponent

NAME = "fastai"
COMMIT = re.compile(r"[0-9a-f]{7,40}")


class FastaiUpdate(StepComponent):
    """`git pull` and `conda env update`, with local edits kept and the environment put back on failure."""

    TYPE = "fastai:paperspace:FastaiUpdate"
    STEP = NAME


def fastai_step(revision: str, update_every_days: int) -> Step:
    """The step that follows `revision`, or upstream's main branch where that is empty.

    update_every_days: a branch is asked for new commits only so long after the last update, and then an
    update is due in any case; 0 asks it every time. A commit or tag is never updated by time.
    """
    days = 0 if COMMIT.fullmatch(revision) else update_every_days
    named = {"REVISION": revision, "UPDATE_EVERY_DAYS": str(days)}
    names = ("common", "environment", "repository", "rollback", "check", "apply")
    text = {name: guest_files.read(f"fastai_{name}.sh") for name in names}
    shared = text["common"] + text["environment"] + text["repository"]
    rollback = f"#!/bin/bash\n{shared}{text['rollback']}"
    named["ROLLBACK_DIGEST"] = hashlib.sha256(rollback.encode()).hexdigest()[:12]
    check = guest_files.with_variables(text["common"] + text["check"], named)

    def plan(facts: Mapping[str, str]) -> Plan:
        wanted = revision if COMMIT.fullmatch(revision) else facts.get("wanted", "")
        everything = shared + program("rollback_program", rollback) + text["apply"]
        body = guest_files.with_variables(everything, {**named, "WANTED": wanted})
        return Plan(summary(revision, days, facts), body, tuple(warnings(facts)))

    return Step(NAME, check, plan)


def program(name: str, text: str) -> str:
    """A shell function that prints the text."""
    return f"{name}() {{\ncat <<'END_OF_PROGRAM'\n{text}END_OF_PROGRAM\n}}\n"


def summary(revision: str, days: int, facts: Mapping[str, str]) -> str:
    """Such as "fastai: revision a1b2c3d -> d4e5f6a, 14 commits; last updated 23 days ago, every 21"."""
    interval = f"updated every {days} days" if days and facts.get("pinned") != "yes" else ""
    return "; ".join(part for part in (move(revision, facts), facts.get("due") or interval) if part)


def move(revision: str, facts: Mapping[str, str]) -> str:
    """From where to where."""
    head, wanted = facts.get("head", "")[:7], facts.get("wanted", "")[:7]
    rolled_back_from = facts.get("rolled_back_from", "")[:7]
    if not wanted:
        return f"fastai: revision {revision or 'newest of its upstream'}"
    if not head or head == wanted:
        back = f", rolled back from {rolled_back_from}" if rolled_back_from else ""
        return f"fastai: revision {wanted}{back}"
    commits = facts.get("commits", "")
    count = f", {commits} commit{'' if commits == '1' else 's'}" if commits not in ("", "0") else ""
    return f"fastai: revision {head} -> {wanted}{count}"


def warnings(facts: Mapping[str, str]) -> Iterator[str]:
    if overdue := facts.get("overdue"):
        yield f"fastai is to be updated ({overdue}), but its upstream does not answer the machine"
