"""What can be said of a new machine beforehand: where it cannot be had, and what an adoption changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provider import adoption, templates
from provider.client import PaperspaceClient
from provider.errors import InvalidInput, NothingAvailable, PaperspaceError
from provider.inputs import MachineInputs
from provider.models import OsTemplate
from provider.outputs import machine_type_of, region_of
from provider.placement import ADVICE, obstacle, pairs
from provider.reconciliation import differing
from provider.unknown import contains_unknown
from provider.waiting import Waiter

STILL_UNKNOWN = {"name": "", "identity": "", "template": ""}


def foresee(client: PaperspaceClient, template: OsTemplate, given: Mapping[str, Any], waiter: Waiter) -> None:
    """Tells it through the waiter. Raises InvalidInput where `adopt` can never work; else only warns.

    `given`: canonical inputs, of which some may be unknown yet; without types and regions nothing is said.
    """
    known = {key: value for key, value in given.items() if not contains_unknown(value)}
    if not {"machine_types", "regions"} <= known.keys():
        return
    inputs = MachineInputs.model_validate(STILL_UNKNOWN | known)
    try:
        if inputs.adopt:
            _tell_of_adoption(client, inputs, inputs.adopt, waiter)
        else:
            _warn_of_obstacles(client, template, inputs, waiter)
    except InvalidInput:
        raise
    except PaperspaceError as failure:
        waiter.warn(f"cannot tell whether the machine can be had: {failure}")


def refuse_hopeless(client: PaperspaceClient, given: Mapping[str, Any]) -> None:
    """The present machine is deleted before another takes its place: not for one that cannot be had now.

    Raises NothingAvailable. Says nothing where the inputs are not all known.
    """
    if contains_unknown(given):
        return
    inputs = MachineInputs.model_validate(dict(given))
    tried = list(_obstacles(client, templates.find(client, inputs.template), inputs))
    if len(tried) == len(list(pairs(inputs))):
        raise NothingAvailable(tried, f"the present machine stays; {ADVICE}")


def _tell_of_adoption(
    client: PaperspaceClient, inputs: MachineInputs, machine_id: str, waiter: Waiter
) -> None:
    machine = adoption.chosen(client, inputs, machine_id)
    changes = sorted(differing(machine, inputs)) or ["nothing"]
    waiter.report(
        f"machine {machine.id} ({machine_type_of(machine)} in {region_of(machine)}, {machine.state}) will be "
        f"adopted; this changes {', '.join(changes)}"
    )


def _warn_of_obstacles(
    client: PaperspaceClient, template: OsTemplate, inputs: MachineInputs, waiter: Waiter
) -> None:
    for machine_type, region, reason in _obstacles(client, template, inputs):
        waiter.warn(f"{machine_type} in {region}: {reason}")


def _obstacles(
    client: PaperspaceClient, template: OsTemplate, inputs: MachineInputs
) -> Iterator[tuple[str, str, str]]:
    """(machine type, region, why not), up to the first pair that can be had: create will take that one."""
    for machine_type, region in pairs(inputs):
        reason = obstacle(client, template, machine_type, region)
        if reason is None:
            return
        yield machine_type, region, reason
