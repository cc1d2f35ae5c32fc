"""What one look at a machine tells about its steps (the answers of components/guest/probe.sh)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Marker:
    """What the runner wrote when the step last started; `ok` and `running` say how that went."""

    token: str
    version: str
    summary: str
    ok: bool = False
    running: bool = False


@dataclass(frozen=True)
class Finding:
    """One step on the machine. `facts` are the check's `key=value` lines, `satisfied` its exit status 0."""

    marker: Marker | None = None
    satisfied: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_due(self) -> bool:
        """Whether it is only time for the step to run again."""
        return "due" in self.facts and "drift" not in self.facts

    @property
    def drift(self) -> str:
        """Why the check is not satisfied, in the check's own words."""
        return self.facts.get("drift", "not as declared")


def parse(answers: str) -> dict[str, Finding]:
    """Findings by step name. Raises ValueError on a line that is no answer."""
    return dict(map(parse_line, answers.splitlines()))


def parse_line(line: str) -> tuple[str, Finding]:
    name, running, ok, marker, status, output = line.split(" ")
    written = key_values(decoded(marker))
    known = {"token", "version", "summary"} <= set(written)
    return name, Finding(
        Marker(written["token"], written["version"], written["summary"], ok == "yes", running == "yes")
        if known
        else None,
        status == "0",
        key_values(decoded(output)),
    )


def decoded(text: str) -> str:
    return "" if text == "-" else base64.b64decode(text).decode(errors="replace")


def key_values(text: str) -> dict[str, str]:
    """The `key=value` lines of a text; other lines are left out."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key: value for key, _, value in pairs if key.isidentifier()}
