"""create(): adopt the machine that is there, else make one; never two, and nothing left after a failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider import account, adoption, machines, startup_scripts, templates
from provider.changes import converge
from provider.client import PaperspaceClient
from provider.errors import (
    Ambiguous,
    Conflict,
    LeftBehind,
    NotFound,
    PaperspaceError,
    StartFailed,
    WaitTimeout,
)
from provider.events import wait_until_gone
from provider.inputs import MachineInputs
from provider.models import Machine
from provider.ordering import Order
from provider.outputs import Properties, machine_type_of, outputs_of, region_of
from provider.placement import place
from provider.waiting import Waiter

CONFLICT = 409

UNWANTED = (
    "machine {id} ({what}) has this stack's name too, but not a type and region of the configuration: an "
    "interrupted run left it, and it is billed; look what is on it, and delete it: pspace machine delete {id}"
)


def create(client: PaperspaceClient, properties: Mapping[str, Any], waiter: Waiter) -> tuple[str, Properties]:
    """(id, outputs). Raises NothingAvailable, LeftBehind and whatever the API answers."""
    inputs, origin = MachineInputs.model_validate(dict(properties)), account.origin(client)
    template = templates.find(client, inputs.template)
    present = _present(client, inputs, waiter)
    script_id = startup_scripts.ensure(client, inputs.wire_name, inputs.startup_script, waiter)
    order = Order(inputs, template, script_id)
    machine = _obtain(client, order, present, waiter)
    outputs = outputs_of(
        machine,
        properties,
        **origin,
        template_id=template.id,
        startup_script_id=script_id,
    )
    return machine.id, outputs


def _present(client: PaperspaceClient, inputs: MachineInputs, waiter: Waiter) -> Machine | None:
    """The machine that `adopt` names, or that an interrupted run made. Raises Ambiguous."""
    if inputs.adopt:
        return adoption.chosen(client, inputs, inputs.adopt)
    named = machines.named(client, inputs.wire_name)
    ours = [machine for machine in named if adoption.is_allowed(inputs, machine)]
    if len(ours) > 1:
        raise Ambiguous({machine.id: _described(machine) for machine in ours})
    for other in named:
        if other not in ours:
            waiter.warn(UNWANTED.format(id=other.id, what=_described(other)))
    return ours[0] if ours else None


def _described(machine: Machine) -> str:
    made = machine.dt_created or "an unknown time"
    return f"{machine_type_of(machine)} in {region_of(machine)}, {machine.state}, made at {made}"


def _obtain(client: PaperspaceClient, order: Order, present: Machine | None, waiter: Waiter) -> Machine:
    if present:
        try:
            return _adopt(client, order, present, waiter)
        except NotFound:
            if order.inputs.adopt or not machines.is_gone(client, present.id):
                raise
            waiter.report(f"machine {present.id} has gone meanwhile; making a new one")
        except (Conflict, StartFailed) as failure:
            _wait_until_gone(client, present.id, failure, waiter)
    return _make(client, order, waiter)


def _wait_until_gone(
    client: PaperspaceClient, machine_id: str, failure: Conflict | StartFailed, waiter: Waiter
) -> None:
    """An interrupted delete answers everything with 409 until the machine is gone. Else raises `failure`."""
    refusal = failure.refusal if isinstance(failure, StartFailed) else failure
    if refusal is None or refusal.status != CONFLICT:
        raise failure
    try:
        wait_until_gone(client, machine_id, waiter)
    except WaitTimeout:
        raise failure from None


def _adopt(client: PaperspaceClient, order: Order, present: Machine, waiter: Waiter) -> Machine:
    adoption.note(present.id)
    waiter.report(
        f"machine {present.id}: adopting it, it was made at {present.dt_created or 'an unknown time'}"
    )
    if order.inputs.adopt:
        startup_scripts.assign(client, order.script_id, present.id, waiter)
    return converge(client, present.id, order.inputs, waiter)


def _make(client: PaperspaceClient, order: Order, waiter: Waiter) -> Machine:
    try:
        placed = place(client, order, waiter)
    except LeftBehind:
        raise
    except PaperspaceError as failure:
        late = _came_late(client, order, failure)
        if late is None:
            raise
        return _adopt(client, order, late, waiter)
    return placed.machine if placed.is_new else _adopt(client, order, placed.machine, waiter)


def _came_late(client: PaperspaceClient, order: Order, cause: PaperspaceError) -> Machine | None:
    """A machine of an order that seemed lost; where there is none, the script goes too."""
    try:
        found = adoption.ours(client, order.inputs)
        if not found and not machines.named(client, order.inputs.wire_name):
            startup_scripts.delete(client, order.script_id)
    except PaperspaceError as failure:
        raise LeftBehind(cause, [f"pspace startup-script delete {order.script_id}"]) from failure
    return found[0] if found else None
