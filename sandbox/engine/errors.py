"""Errors that end a command: CommandError carries the message for stderr and the CLI's exit code."""


class CommandError(Exception):
    """A message for the user, and the exit code (1 by default, 6 for a stack that does not exist)."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def unsupported(what: str) -> str:
    """The message for what this engine does not do; `what` ends in a verb."""
    return f"{what} not supported by this engine; use the real CLI"


class Bail(Exception):
    """The operation has failed and the user has been told why."""


class StepFailed(Exception):
    """One resource operation failed."""


class Protected(StepFailed):
    """A protected resource was to be deleted. Unlike other failures it does not stop the run."""
