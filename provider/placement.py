"""Which machine type in which region: the first pair, in the order given, that really comes up.

Only for a machine that does not exist yet: one with a disk is never moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provider import adoption, machines, power
from provider.catalog import NEEDS_APPROVAL, is_offered, machine_type_label
from provider.client import PaperspaceClient
from provider.errors import (
    ApiError,
    BadRequest,
    Conflict,
    EventFailed,
    Forbidden,
    NotFound,
    NothingAvailable,
    ServerError,
    StartFailed,
)
from provider.events import CREATE_SECONDS, wait_for_address, wait_for_event, wait_for_state
from provider.inputs import MachineInputs
from provider.models import Machine, MachineAnswer, OsTemplate
from provider.ordering import Order, create_body
from provider.posting import post_once
from provider.removal import belongings_of, remove, remove_after_failure
from provider.states import OFF, STABLE
from provider.templates import is_usable_in, runs_on
from provider.waiting import Waiter

NO_CAPACITY = "no capacity at the moment"
ADVICE = (
    "where a value is refused, change its key, such as `disk_size`; where there is no capacity, add types or "
    "regions to `machine_types` and `regions`, or try again later"
)

REFUSALS = (BadRequest, Forbidden, Conflict)
"""Answers about this very order: quota, approval, capacity, or a value that the API does not take."""


@dataclass(frozen=True)
class Placed:
    """`is_new` is False where another process had made it: then a failure must not delete it."""

    machine: Machine
    is_new: bool


def pairs(inputs: MachineInputs) -> Iterator[tuple[str, str]]:
    """(machine type, region): the first type in every region, then the next type."""
    for machine_type in inputs.machine_types:
        for region in inputs.regions:
            yield machine_type, region


def place(client: PaperspaceClient, order: Order, waiter: Waiter) -> Placed:
    """Makes the machine. Raises NothingAvailable with every pair and why; nothing is left behind."""
    tried = []
    for machine_type, region in pairs(order.inputs):
        outcome = _try(client, order, machine_type, region, waiter)
        if isinstance(outcome, Placed):
            return outcome
        waiter.report(f"{machine_type} in {region}: {outcome}")
        tried.append((machine_type, region, outcome))
    raise NothingAvailable(tried, ADVICE)


def obstacle(client: PaperspaceClient, template: OsTemplate, machine_type: str, region: str) -> str | None:
    """Why an order would fail now, without ordering anything; None where nothing speaks against it."""
    if not runs_on(template, machine_type):
        return f"the template {template.operating_system_label or template.id} does not run on this type"
    if not is_usable_in(template, region):
        return f"the template {template.name or template.id} belongs to another region"
    try:
        is_available = machines.is_available(client, machine_type_label(machine_type), region)
    except (*REFUSALS, NotFound) as refusal:
        return _reason(refusal, machine_type)
    if is_available:
        return None
    offered = is_offered(machine_type, region)
    return NO_CAPACITY if offered else f"{NO_CAPACITY}; the vendor's table does not list this type there"


def _try(
    client: PaperspaceClient, order: Order, machine_type: str, region: str, waiter: Waiter
) -> Placed | str:
    reason = obstacle(client, order.template, machine_type, region)
    if reason:
        return reason
    try:
        answer = _order_once(client, order, machine_type, region, waiter)
    except REFUSALS as refusal:
        return _reason(refusal, machine_type)
    except ServerError as failure:
        return f"the API failed twice and made no machine: {failure.message}"
    waiter.report(f"machine {answer.data.id}: ordered, {machine_type} in {region}")
    return _bring_up(client, order, answer, waiter)


def _order_once(
    client: PaperspaceClient, order: Order, machine_type: str, region: str, waiter: Waiter
) -> MachineAnswer:
    def look() -> MachineAnswer | None:
        found = adoption.ours(client, order.inputs)
        return MachineAnswer(data=found[0]) if found else None

    body = create_body(order, machine_type, region)
    return post_once(lambda: machines.create(client, body), look, waiter)


def _bring_up(client: PaperspaceClient, order: Order, answer: MachineAnswer, waiter: Waiter) -> Placed | str:
    """The machine once it runs, or why not; whatever goes wrong, it does not stay."""
    belongings = belongings_of(answer.data)
    try:
        return _keep_oldest(client, order, answer, waiter)
    except (StartFailed, EventFailed) as failure:
        remove_after_failure(client, belongings, waiter, failure)
        return f"accepted, then failed: {failure}"
    except BaseException as failure:
        remove_after_failure(client, belongings, waiter, failure)
        raise


def _keep_oldest(client: PaperspaceClient, order: Order, answer: MachineAnswer, waiter: Waiter) -> Placed:
    """Two runs at once both look, see nothing and order; then each keeps the older machine only."""
    made, candidates = answer.data, adoption.ours(client, order.inputs)
    if made.id in {machine.id for machine in candidates[1:]}:
        oldest = candidates[0]
        waiter.report(f"machine {made.id}: another run was quicker with {oldest.id}; deleting the second one")
        remove(client, belongings_of(made), waiter)
        return Placed(oldest, is_new=False)
    return Placed(_await(client, order, answer, waiter), is_new=True)


def _await(client: PaperspaceClient, order: Order, answer: MachineAnswer, waiter: Waiter) -> Machine:
    wait_for_event(client, answer.event, waiter, CREATE_SECONDS)
    machine = wait_for_state(client, answer.data.id, STABLE, waiter, seconds=CREATE_SECONDS)
    if machine.state == OFF and order.inputs.wants_running:
        machine = power.ensure_running(client, machine.id, waiter)
    return wait_for_address(client, machine, waiter)


def _reason(refusal: ApiError, machine_type: str) -> str:
    needs_approval = machine_type in NEEDS_APPROVAL and isinstance(refusal, Forbidden)
    hint = "; Paperspace gives this type on request only (one or two days)" if needs_approval else ""
    return f"refused: {refusal.message}{hint}"
