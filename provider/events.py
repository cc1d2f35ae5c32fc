"""Waiting for asynchronous operations and for states of a machine."""

from __future__ import annotations

from collections.abc import Collection

from provider import machines
from provider.client import PaperspaceClient
from provider.errors import EventFailed, NotFound
from provider.models import Machine, MachineEvent
from provider.states import OFF, READY
from provider.waiting import Waiter

CREATE_SECONDS = 1800.0
CHANGE_SECONDS = 960.0
DELETE_SECONDS = 300.0
"""As the most patient clients that ran against the API (paperspace-api.md 2.7, 1.5)."""

ADDRESS_SECONDS = 60.0
LAG_SECONDS = 10.0
"""A state may lag behind the operation for a few seconds (paperspace-api.md 1.5, restart)."""


def wait_for_event(
    client: PaperspaceClient, event: MachineEvent | None, waiter: Waiter, seconds: float = CHANGE_SECONDS
) -> None:
    """Returns once the event ended well, or where there is none. Raises EventFailed, WaitTimeout."""
    if event is None:
        return
    subject = f"machine {event.machine_id or ''} {event.name} event {event.id}"

    def look() -> MachineEvent:
        try:
            return machines.event(client, event.id)
        except NotFound:
            return event.model_copy(update={"state": "done"})

    last = waiter.until(
        look,
        lambda found: found.is_finished,
        state=lambda found: found.state,
        subject=subject,
        goal="its end",
        seconds=seconds,
    )
    if last.failure:
        text = f"{subject}: {last.failure}"
        raise EventFailed(text)


def wait_for_state(
    client: PaperspaceClient,
    machine_id: str,
    states: Collection[str],
    waiter: Waiter,
    *,
    seconds: float = CHANGE_SECONDS,
) -> Machine:
    """The machine once it is in one of `states`. Raises WaitTimeout, NotFound."""
    return waiter.until(
        lambda: machines.get(client, machine_id),
        lambda machine: machine.state in states,
        state=lambda machine: machine.state,
        subject=f"machine {machine_id}",
        goal=" or ".join(sorted(states)),
        seconds=seconds,
    )


def wait_until_up_or_off_again(
    client: PaperspaceClient, machine_id: str, waiter: Waiter, *, seconds: float = CHANGE_SECONDS
) -> Machine:
    """The machine once `ready`, or once it stayed `off` longer than a state may lag."""
    started = waiter.clock()
    return waiter.until(
        lambda: machines.get(client, machine_id),
        lambda machine: (
            machine.state == READY or (machine.state == OFF and waiter.clock() - started >= LAG_SECONDS)
        ),
        state=lambda machine: machine.state,
        subject=f"machine {machine_id}",
        goal=READY,
        seconds=seconds,
    )


def wait_for_address(client: PaperspaceClient, machine: Machine, waiter: Waiter) -> Machine:
    """The machine with its public address, which may come after `ready`; without it after a minute."""
    if machine.state != READY or machine.public_ip or machine.public_ip_type in (None, "none"):
        return machine
    started = waiter.clock()
    return waiter.until(
        lambda: machines.get(client, machine.id),
        lambda found: bool(found.public_ip) or waiter.clock() - started >= ADDRESS_SECONDS,
        state=lambda found: found.state,
        subject=f"machine {machine.id}",
        goal="its public address",
        seconds=CHANGE_SECONDS,
    )


def wait_until_gone(client: PaperspaceClient, machine_id: str, waiter: Waiter) -> None:
    """Returns once GET answers 404: a deleted machine stays readable for a while (paperspace-api.md 1.5)."""

    def look() -> str:
        try:
            return machines.get(client, machine_id).state
        except NotFound:
            return "gone"

    waiter.until(
        look,
        lambda state: state == "gone",
        state=str,
        subject=f"machine {machine_id}",
        goal="its deletion",
        seconds=DELETE_SECONDS,
    )
