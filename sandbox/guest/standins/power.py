"""poweroff, halt, reboot and shutdown."""

from __future__ import annotations

from sandbox.guest.standins.client import connect
from sandbox.guest.standins.command import Refused, must_be_root


def run(name: str, arguments: list[str]) -> int:
    action = "reboot" if name == "reboot" else "poweroff"
    if name == "shutdown":
        action = _shutdown(arguments)
    if not action:
        return 0
    must_be_root(
        f"Failed to set wall message, ignoring: Interactive authentication required.\n{name}: denied"
    )
    change(action)
    return 0


def change(action: str) -> None:
    """Ask for "poweroff" or "reboot"; the machine ends soon after the answer."""
    connect().call("power", action=action)


def _shutdown(arguments: list[str]) -> str:
    options = {word for word in arguments if word.startswith("-")}
    when = next((word for word in arguments if not word.startswith("-")), "+1")
    if "-c" in options:
        return ""
    if when not in ("now", "+0"):
        message = f"shutdown {when}: this stand-in knows only `now`; use a timer and `systemctl poweroff`"
        raise Refused(message)
    return "reboot" if options & {"-r", "--reboot"} else "poweroff"
