"""What hangs or breaks pulumi-command 1.2.1 on a stock OpenSSH server, refused here so that tests see it.

Every number was measured with the real plugin (pulumi-facts.md C5 and C6).
"""

from __future__ import annotations

from sandbox.engine.command.errors import Refused

MAX_LOGGED_LINE = 65_535
MAX_PREVIOUS_OUTPUT = 262_097  # with its name, what fits in one SSH packet of 256 KiB
MAX_COMMAND = 131_071


def check_command(text: str) -> None:
    """Raise Refused when the text is too long for the one argument that sshd passes to the login shell."""
    size = len(text.encode())
    if size > MAX_COMMAND:
        what = f"The command has {size} bytes, and one argument can have {MAX_COMMAND}"
        raise Refused(what, "Pass a longer script on stdin.")


def accepted(name: str) -> bool:
    """Tell whether a stock sshd_config (AcceptEnv LANG LC_*) lets this variable through."""
    return name == "LANG" or name.startswith("LC_")


def check_previous_output(name: str, value: str) -> None:
    """Raise Refused when a previous output does not fit in one setenv packet."""
    size = len(value.encode())
    if size > MAX_PREVIOUS_OUTPUT:
        what = (
            f"EOF: {name}, what the last run printed, has {size} bytes, and sshd takes {MAX_PREVIOUS_OUTPUT}"
        )
        raise Refused(what, "Set addPreviousOutputInEnv to false, or print less.")


def unbroken_line() -> Refused:
    what = f"The command printed more than {MAX_LOGGED_LINE} bytes without a newline while that is logged"
    return Refused(what, "It would hang for ever: set logging to none, or pipe through tr '\\r' '\\n'.")


def text_of(name: str, content: bytes) -> str:
    """Decode what was printed, less one final newline; raise Refused when it is not UTF-8."""
    try:
        return content.removesuffix(b"\n").decode()
    except UnicodeDecodeError as error:
        what = f"{name} has non-UTF8 bytes, the first at {error.start}"
        raise Refused(what, "Every up of the Python program would fail: print UTF-8.") from error
