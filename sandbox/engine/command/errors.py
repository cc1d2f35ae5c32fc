"""Errors of a run; their texts are those of the real plugin unless the class says otherwise."""

import grpc


class RunError(Exception):
    """A command or copy failed; the text goes to the user as it is."""

    code = grpc.StatusCode.UNKNOWN


class DeadlinePassed(RunError):
    """The resource's custom timeout passed between two dials."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(RunError):
    """The engine called Cancel between two dials."""

    code = grpc.StatusCode.CANCELLED


class Refused(RunError):
    """The real plugin would hang or break on this; the sandbox fails at once, and says what to change."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}. The sandbox refuses it: pulumi-command 1.2.1 does not survive it. {fix}")
