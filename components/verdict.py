"""From what was found on the machine to the token in a step's command: equal to the last one means no change.

The rules are those of design.md, "Steps on the machine" (pulumi-facts.md C.9, point 2).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from components.findings import Finding


@dataclass(frozen=True)
class Verdict:
    """The token to run the step under, and the summary that a person reads in the diff."""

    token: str
    summary: str


def nonce() -> str:
    return secrets.token_hex(4)


def judge(finding: Finding, version: str, summary: str, nonce: Callable[[], str] = nonce) -> Verdict:
    """The verdict on one step that is to be at `version`, described by `summary`."""
    marker = finding.marker
    if marker is None:
        return Verdict(f"new-{nonce()}", summary)
    if marker.running:
        return Verdict(marker.token, marker.summary if marker.version == version else summary)
    if not marker.ok:
        return Verdict(f"dirty-{nonce()}", f"{summary}; dirty: the last run did not finish")
    if marker.version != version:
        return Verdict(marker.token, summary)
    if not finding.satisfied and finding.is_due:
        return Verdict(f"due-{nonce()}", summary)
    if not finding.satisfied:
        return Verdict(f"drift-{nonce()}", f"{summary}; drift: {finding.drift}")
    return Verdict(marker.token, marker.summary)
