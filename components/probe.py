"""One bounded SSH round trip that reads every step's marker and check."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from components import findings, guest_files
from components.findings import Finding
from components.ssh import Interrupted, run

if TYPE_CHECKING:
    import asyncssh

ROUND_TRIP_SECONDS = 25


async def probe(connection: asyncssh.SSHClientConnection, checks: Mapping[str, str]) -> dict[str, Finding]:
    """The findings by step name. Raises Interrupted when the machine does not answer in time."""
    try:
        result = await run(connection, "bash -s", ROUND_TRIP_SECONDS, script(checks))
        found = findings.parse(str(result.stdout))
    except (Interrupted, ValueError) as failure:
        text = f"the machine did not say how its steps are ({failure})"
        raise Interrupted(text) from failure
    if missing := set(checks) - set(found):
        text = f"the machine did not answer for {', '.join(sorted(missing))}: {result.stderr!r}"
        raise Interrupted(text)
    return found


def script(checks: Mapping[str, str]) -> str:
    """The text that `bash -s` reads."""
    questions = (f"ask {name} {base64.b64encode(check.encode()).decode()}" for name, check in checks.items())
    return "\n".join([guest_files.read("probe.sh"), *questions, "answer", ""])
