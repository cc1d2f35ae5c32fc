"""hostnamectl: shows the machine's name."""

from __future__ import annotations

from pathlib import Path

from sandbox.guest.standins.command import Refused, root, say


def run(name: str, arguments: list[str]) -> int:
    if arguments[:1] not in ([], ["status"], ["hostname"]):
        raise Refused(f"{name} {arguments[0]}: not supported by this stand-in")  # noqa: EM102
    text = Path(root() + "/etc/hostname").read_text(encoding="utf-8").strip()
    say(text if arguments == ["hostname"] else f" Static hostname: {text}")
    return 0
