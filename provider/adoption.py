"""A machine that is there already is taken over instead of a second one being made."""

from __future__ import annotations

import threading

from provider import machines
from provider.client import PaperspaceClient
from provider.errors import InvalidInput, NotFound
from provider.inputs import MachineInputs
from provider.models import Machine
from provider.outputs import machine_type_of, region_of

_lock = threading.Lock()
_adopted_here: set[str] = set()


def note(machine_id: str) -> None:
    """Remembers for the life of this process that a create() adopted the machine."""
    with _lock:
        _adopted_here.add(machine_id)


def was_adopted_here(machine_id: str) -> bool:
    """Whether a create() of this process adopted it: then a delete() of the same id must not end it."""
    with _lock:
        return machine_id in _adopted_here


def forget_all() -> None:
    """As in a new process."""
    with _lock:
        _adopted_here.clear()


def ours(client: PaperspaceClient, inputs: MachineInputs) -> list[Machine]:
    """Machines of this stack's wire name and of an allowed type and region, oldest first."""
    return [machine for machine in machines.named(client, inputs.wire_name) if is_allowed(inputs, machine)]


def is_allowed(inputs: MachineInputs, machine: Machine) -> bool:
    """Whether its type and region are such as the configuration asks for."""
    return inputs.allows(machine_type_of(machine), region_of(machine))


def chosen(client: PaperspaceClient, inputs: MachineInputs, machine_id: str) -> Machine:
    """The machine that `adopt` names. Raises InvalidInput where it cannot be this resource's machine."""
    try:
        machine = machines.get(client, machine_id)
    except NotFound:
        machine = None
    if machine is None:
        text = f"adopt: no machine {machine_id!r} at {client.url}; `pspace machine list` shows the ids"
        raise InvalidInput(text)
    machine_type, region = machine_type_of(machine), region_of(machine)
    if not inputs.allows(machine_type, region):
        text = (
            f"adopt: machine {machine_id} is a {machine_type} in {region}, which is not among machine_types "
            f"{inputs.machine_types} and regions {inputs.regions}; add them"
        )
        raise InvalidInput(text)
    return machine
