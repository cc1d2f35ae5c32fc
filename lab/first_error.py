"""The one line that says why a run failed, out of everything that Pulumi printed about it."""

from __future__ import annotations

import re
from collections.abc import Iterable

NOISE = re.compile(
    r"Traceback \(most recent|File \"|During handling of|The above exception|KeyboardInterrupt"
    r"|Running program .* failed|update failed$|preview failed$|destroy failed$|refresh failed$"
    r"|Exception calling application|an unhandled error occurred|^\^|^~"
)
PREFIXES = re.compile(r"^(?:error: |\d+ errors? occurred:|\* |(?:[A-Za-z_]+\.)+(?=[A-Z]))+")
TRACEBACK = "Traceback (most recent"
EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*: ")
"""A traceback's last part: the one line of it that is not indented and names a class."""

LOCKED = "the stack is currently locked by"
HOLDER = re.compile(r"created by (.+)")

LONGEST = 300
NOTHING = "no reason given; see the log"


def first_error(messages: Iterable[str]) -> str:
    """One line of at most LONGEST characters; NOTHING where no message holds a reason."""
    for message in messages:
        if line := reason_in(message):
            return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
    return NOTHING


def reason_in(message: str) -> str:
    """The reason in one message: the exception of a traceback, else its first line that says something."""
    lines = [line for line in message.splitlines() if line.strip()]
    tracebacks = [index for index, line in enumerate(lines) if TRACEBACK in line]
    for index in range(tracebacks[-1] + 1 if tracebacks else len(lines), len(lines)):
        if EXCEPTION.match(lines[index]):
            return with_detail(cleaned(lines[index]), lines[index + 1 :])
    for index, line in enumerate(lines):
        if cleaned(line) and not NOISE.search(line.strip()):
            return with_detail(cleaned(line), lines[index + 1 :])
    return ""


def cleaned(line: str) -> str:
    return PREFIXES.sub("", line.strip()).strip()


def with_detail(line: str, following: list[str]) -> str:
    """A heading that ends in a colon says little without the line below it, which may be one, too."""
    for detail in following:
        if not line.endswith(":"):
            break
        line = f"{line} {detail.strip()}"
    return line


def locked(printed: str, cancel: str) -> str:
    """Who holds the stack, and the command that ends a lock whose run is no more; empty where none is held.

    A run that was killed leaves its lock, and every later one fails at it.
    """
    if LOCKED not in printed:
        return ""
    holders = ", ".join(HOLDER.findall(printed)) or "another run"
    return f"the stack is locked by {holders}; wait for that run. Where it was killed, first: {cancel}"
