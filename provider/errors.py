"""Everything that the provider raises.

PaperspaceError
├── MissingApiKey            no key in the environment nor in the official CLI's file
├── InvalidEndpoint          PAPERSPACE_API_URL is no usable address
├── InvalidInput             a value that can never work; names key, value and fix
│   └── UnknownTemplate
├── WrongEndpoint            the machine was made at another API address than the present one
├── WrongTeam                it was made with an API key of another team
├── Ambiguous                several machines have the stack's name
├── NotDelivered             no connection was made: the request had no effect
├── EffectUnknown            the request may or may not have had its effect
│   ├── ReplyLost            the connection broke, or the time was up, before the reply was complete
│   └── UnexpectedAnswer     a reply that is not what the API documents (HTML, cut-off JSON, a missing field)
├── ApiError                 the API answered with an error: status, code, message, method, path
│   ├── BadRequest  Unauthorized  Forbidden  NotFound  Conflict
│   ├── RateLimited          carries the seconds of Retry-After
│   └── ServerError          500 and above: the effect is unknown too
├── WaitTimeout              id, last state, seconds
├── EventFailed              an asynchronous operation ended in an error
├── StartFailed              a start was refused, or the machine went back to `off`
├── NotApplied               the API accepted a change and did not make it
├── MachineGone              the machine to change does not exist any more
├── NothingAvailable         every (machine type, region) was tried; says why for each
├── StillThere               a machine that no state holds still has the stack's name
└── LeftBehind               a clean-up failed; names what is still billed and the commands that remove it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class PaperspaceError(Exception):
    """Base of all errors of this package. No text of it ever holds the API key.

    `retry_after`: seconds that the API itself asked for; None where it did not.
    """

    retry_after: float | None = None


class MissingApiKey(PaperspaceError):
    """No API key was found; the text says where one may be put."""


class InvalidEndpoint(PaperspaceError):
    """PAPERSPACE_API_URL cannot be used."""


class InvalidInput(PaperspaceError, ValueError):
    """A value that can never work. The text names key, value and fix."""


class UnknownTemplate(InvalidInput):
    """No template has that name, label or id."""


class WrongEndpoint(PaperspaceError):
    """The machine belongs to another API address: nothing is read, changed or deleted."""

    def __init__(self, machine_id: str, recorded: str, present: str) -> None:
        super().__init__(
            f"machine {machine_id} was made at {recorded}, but PAPERSPACE_API_URL now leads to {present}; "
            f"run again with PAPERSPACE_API_URL={recorded}"
        )


class WrongTeam(PaperspaceError):
    """The present API key does not see what another team's key made: nothing is read, changed or deleted."""

    def __init__(self, resource_id: str, recorded: str, present: str) -> None:
        super().__init__(
            f"{resource_id} belongs to the Paperspace team {recorded}, but the API key is one of the team "
            f"{present}, which does not see it; run again with a key of {recorded} (PAPERSPACE_API_KEY, or "
            "`pspace config set team <team name>`)"
        )


class Ambiguous(PaperspaceError):
    """Several machines have the stack's name, and only a person knows which disk matters."""

    def __init__(self, machines: Mapping[str, str]) -> None:
        lines = "\n".join(f"  {machine_id}: {what}" for machine_id, what in machines.items())
        super().__init__(
            f"{len(machines)} machines have this stack's name, and each is billed:\n{lines}\n"
            "An interrupted `pulumi up` left one, and none is taken or deleted by guess: look which of them "
            "holds work, delete the other with `pspace machine delete <id>`, and run again"
        )


class NotDelivered(PaperspaceError):
    """No connection was made, so the request had no effect."""


class EffectUnknown(PaperspaceError):
    """The request may have had its effect: look before you repeat it."""


class ReplyLost(EffectUnknown):
    """The connection broke, or the time was up, before the reply was complete."""


class UnexpectedAnswer(EffectUnknown):
    """The reply is not what the API documents. `status` is HTTP's, `is_html` tells a proxy's page."""

    def __init__(self, text: str, *, status: int = 200, is_html: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.is_html = is_html


class ApiError(PaperspaceError):
    """The API's own error: `status` HTTP status, `code` as in paperspace-api.md 1.1, `message` for people."""

    FIX = ""

    def __init__(self, status: int, code: str, message: str, method: str, path: str) -> None:
        super().__init__(f"{method} {path}: {message} ({status} {code}){self.FIX}")
        self.status = status
        self.code = code
        self.message = message
        self.method = method
        self.path = path


class BadRequest(ApiError):
    """400, 405, 413: the request itself is refused."""


class Unauthorized(ApiError):
    """401, or a session that is null: the key is not valid."""

    FIX = (
        "; give a valid key in PAPERSPACE_API_KEY, or log in again with the official CLI: "
        "make a new one at console.paperspace.com, team settings, API keys"
    )


class Forbidden(ApiError):
    """403: quota, approval or account standing."""


class NotFound(ApiError):
    """404."""


class Conflict(ApiError):
    """409 and 412: not in this state of the machine."""


class RateLimited(ApiError):
    """429."""


class ServerError(ApiError):
    """408, 499, 500 and above. Whether the request had its effect is unknown."""


class WaitTimeout(PaperspaceError):
    """A wait whose deadline passed."""

    def __init__(self, subject: str, goal: str, last_state: str, seconds: float) -> None:
        super().__init__(f"{subject} is still {last_state!r} after {seconds:.0f} s of waiting for {goal}")
        self.subject = subject
        self.last_state = last_state
        self.seconds = seconds


class EventFailed(PaperspaceError):
    """An asynchronous operation of the machine ended in an error."""


class StartFailed(PaperspaceError):
    """A start was refused (`refusal`), or accepted and the machine went back to `off` (2.6: capacity)."""

    def __init__(self, text: str, refusal: ApiError | None = None) -> None:
        super().__init__(text)
        self.refusal = refusal


class NotApplied(PaperspaceError):
    """The API accepted a change, yet a later read shows the old values."""


class MachineGone(PaperspaceError):
    """The machine to change does not exist any more."""

    def __init__(self, machine_id: str) -> None:
        super().__init__(
            f"machine {machine_id} does not exist any more; "
            "run `pulumi refresh`, then `pulumi up` makes a new one"
        )


class NothingAvailable(PaperspaceError):
    """No (machine type, region) gave a machine. `tried` holds (machine type, region, why not)."""

    def __init__(self, tried: Sequence[tuple[str, str, str]], advice: str) -> None:
        lines = [f"  {machine_type} in {region}: {reason}" for machine_type, region, reason in tried]
        super().__init__("\n".join(["no machine could be had; tried in this order:", *lines, advice]))
        self.tried = list(tried)


class LeftBehind(PaperspaceError):
    """A clean-up failed. The text names what is still billed and the commands that remove it."""

    def __init__(self, cause: BaseException, commands: Sequence[str]) -> None:
        lines = "\n".join(f"  {command}" for command in commands)
        super().__init__(
            f"{cause}\nthe clean-up failed too and this may still be billed; the next `pulumi up` finds it "
            f"by its name and goes on with it, or remove it with:\n{lines}"
        )
        self.commands = list(commands)


class StillThere(PaperspaceError):
    """A machine of the stack's name that no state holds. Only a person knows whether its disk matters."""

    def __init__(self, machine_ids: Sequence[str]) -> None:
        commands = "\n".join(f"  pspace machine delete {machine_id}" for machine_id in machine_ids)
        super().__init__(
            f"{', '.join(machine_ids)}: still at Paperspace under this stack's name, and billed. An "
            "interrupted `pulumi up` left it: run `pulumi up` to take it into the state, then "
            f"`pulumi destroy`; or delete it with its disk:\n{commands}"
        )
        self.machine_ids = list(machine_ids)
