"""Start and stop. Each reads the state first, then decides: a lost reply never leads to a blind repeat."""

from __future__ import annotations

from provider import machines
from provider.client import PaperspaceClient
from provider.errors import (
    ApiError,
    BadRequest,
    Conflict,
    EffectUnknown,
    Forbidden,
    ServerError,
    StartFailed,
    WaitTimeout,
)
from provider.events import wait_for_event, wait_for_state, wait_until_up_or_off_again
from provider.models import Machine, MachineAnswer
from provider.states import OFF, READY, STABLE
from provider.waiting import Waiter

TRIES = 3


def ensure_running(client: PaperspaceClient, machine_id: str, waiter: Waiter) -> Machine:
    """The machine, `ready`. Raises StartFailed where an accepted start ends `off` again."""
    for _ in range(TRIES):
        machine = wait_for_state(client, machine_id, STABLE, waiter)
        if machine.state == READY:
            return machine
        waiter.report(f"machine {machine_id}: starting")
        accepted = _start(client, machine_id)
        wait_for_event(client, accepted.event if accepted else None, waiter)
        machine = wait_until_up_or_off_again(client, machine_id, waiter)
        if machine.state == READY:
            return machine
        if accepted:
            break
    text = f"machine {machine_id} was started and is off again, probably for want of capacity"
    raise StartFailed(text)


def _start(client: PaperspaceClient, machine_id: str) -> MachineAnswer | None:
    refusal: ApiError
    try:
        return _switch(client, machine_id, "start", OFF)
    except (BadRequest, Conflict, Forbidden) as failure:
        refusal = failure
    text = f"machine {machine_id} cannot be started: {refusal.message}"
    raise StartFailed(text, refusal)


def ensure_off(client: PaperspaceClient, machine_id: str, waiter: Waiter) -> Machine:
    """The machine, `off`. Raises WaitTimeout."""
    for _ in range(TRIES):
        machine = wait_for_state(client, machine_id, STABLE, waiter)
        if machine.state == OFF:
            return machine
        waiter.report(f"machine {machine_id}: stopping")
        accepted = _switch(client, machine_id, "stop", READY)
        if accepted:
            wait_for_event(client, accepted.event, waiter)
            return wait_for_state(client, machine_id, {OFF}, waiter)
        try:
            return wait_for_state(client, machine_id, {OFF}, waiter, seconds=LOST_STOP_SECONDS)
        except WaitTimeout:
            continue
    return wait_for_state(client, machine_id, {OFF}, waiter)


LOST_STOP_SECONDS = 60.0
"""How long a stop whose reply was lost may take before it is asked for again."""


def _switch(
    client: PaperspaceClient, machine_id: str, verb: str, needless_unless: str
) -> MachineAnswer | None:
    """The answer, or None where the effect is unknown or somebody else was quicker."""
    try:
        return machines.switch(client, machine_id, verb)
    except (EffectUnknown, ServerError):
        return None
    except (BadRequest, Conflict):
        if machines.get(client, machine_id).state == needless_unless:
            raise
        return None
