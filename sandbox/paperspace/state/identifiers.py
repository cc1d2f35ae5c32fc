"""Ids in the shapes seen in the real service (paperspace-api.md 1.5).

Seen: machine psm9u09bwu5i, snapshot slqafgu4n6gxge, network nwhoe4ox, template t0nspur5, user ur7p0nb7n,
team tqpio01i96. Not seen anywhere, so guesses: event, startup script, shared drive.
"""

from __future__ import annotations

import secrets
import string
from typing import Literal

Kind = Literal["machine", "snapshot", "network", "template", "event", "startup script", "shared drive"]

_SHAPES: dict[Kind, tuple[str, int]] = {
    "machine": ("ps", 10),
    "snapshot": ("sl", 12),
    "network": ("n", 7),
    "template": ("t", 7),
    "event": ("ev", 12),
    "startup script": ("ss", 10),
    "shared drive": ("sd", 10),
}
_ALPHABET = string.ascii_lowercase + string.digits


def new_id(kind: Kind) -> str:
    prefix, length = _SHAPES[kind]
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))
