"""The SSH agent of the computer that runs Pulumi. No step uses it, and yet a dead one fails every step.

pulumi-command dials SSH_AUTH_SOCK in any case, and no input of a command keeps it from that
(pulumi-facts.md C.1; an empty agentSocketPath fails too, measured with 1.2.1).
"""

from __future__ import annotations

import os
import socket

from components.settings import Problem

VARIABLE = "SSH_AUTH_SOCK"
SECONDS = 2


def problem() -> Problem | None:
    """None where there is no agent, or one that can be reached."""
    path = os.environ.get(VARIABLE, "")
    if not path:
        return None
    try:
        with socket.socket(socket.AF_UNIX) as agent:
            agent.settimeout(SECONDS)
            agent.connect(path)
    except OSError as failure:
        why = failure.strerror or "no answer in time"
        fix = f"no agent answers there ({why.lower()}), which fails every step; run: unset {VARIABLE}"
        return Problem(VARIABLE, path, fix)
    return None
