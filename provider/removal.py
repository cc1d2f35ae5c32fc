"""Everything that create made goes: the static addresses, the machine, the startup script."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from provider import adoption, kept_addresses, machines, power, public_ips, startup_scripts
from provider.client import PaperspaceClient
from provider.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    LeftBehind,
    NotFound,
    PaperspaceError,
    WaitTimeout,
)
from provider.events import wait_for_state, wait_until_gone
from provider.inputs import inputs_of, wire_name
from provider.models import Machine
from provider.outputs import static_ips_in, static_ips_of
from provider.reading import present_machine
from provider.states import OFF, STABLE
from provider.waiting import Waiter


@dataclass(frozen=True)
class Belongings:
    """What is billed or left for one machine. `recorded_ips` are static addresses it was seen with."""

    machine_id: str
    recorded_ips: tuple[str, ...] = ()
    script_id: str | None = None
    wire_name: str | None = None


def belongings_of(machine: Machine) -> Belongings:
    """Of a machine that state does not know yet."""
    return Belongings(machine.id, tuple(static_ips_of(machine, {})))


def delete(client: PaperspaceClient, machine_id: str, properties: Mapping[str, Any], waiter: Waiter) -> None:
    """Deletes the machine and all that is its own; what is gone already is fine.

    Raises WrongTeam, UnexpectedAnswer before anything is done where it only seems to be gone.
    Does nothing to a machine that a create() of this process adopted: then it is the present one, and what is
    to be deleted is only an older entry of the state.
    """
    if adoption.was_adopted_here(machine_id):
        waiter.report(f"machine {machine_id} stays: the new resource has just adopted it")
        return
    present_machine(client, machine_id, properties)
    remove(
        client,
        Belongings(
            machine_id,
            recorded_ips=tuple(static_ips_in(properties)),
            script_id=properties.get("startup_script_id"),
            wire_name=_wire_name(properties),
        ),
        waiter,
    )


def remove(client: PaperspaceClient, belongings: Belongings, waiter: Waiter) -> None:
    """Releases the addresses first (an interrupted delete then still finds the machine), the script last."""
    refused = _release_while_assigned(client, belongings)
    _delete_machine(client, belongings.machine_id, waiter)
    for ip in refused:
        public_ips.release(client, ip)
    if belongings.script_id and not _is_shared(client, belongings):
        startup_scripts.delete(client, belongings.script_id)


def remove_after_failure(
    client: PaperspaceClient, belongings: Belongings, waiter: Waiter, cause: BaseException
) -> None:
    """As `remove`. Raises LeftBehind with the commands that remove it all where that fails."""
    try:
        remove(client, belongings, waiter)
    except PaperspaceError as failure:
        raise LeftBehind(cause, commands_for(belongings)) from failure


def commands_for(belongings: Belongings) -> list[str]:
    """The official CLI's commands that remove it all by hand."""
    commands = [f"pspace machine delete {belongings.machine_id}"]
    commands += [f"pspace public-ip release {ip}" for ip in belongings.recorded_ips]
    if belongings.script_id:
        commands.append(f"pspace startup-script delete {belongings.script_id}")
    return commands


def _release_while_assigned(client: PaperspaceClient, belongings: Belongings) -> list[str]:
    refused = []
    held = public_ips.held_by(client, belongings.machine_id, belongings.recorded_ips)
    for ip in (ip for ip in held if not kept_addresses.is_kept(ip)):
        try:
            public_ips.release(client, ip)
        except (BadRequest, Conflict, Forbidden):
            refused.append(ip)
    return refused


def _delete_machine(client: PaperspaceClient, machine_id: str, waiter: Waiter) -> None:
    try:
        machines.delete(client, machine_id)
    except NotFound:
        return
    except (BadRequest, Conflict) as refusal:
        _delete_once_off(client, machine_id, refusal, waiter)
        return
    wait_until_gone(client, machine_id, waiter)


def _delete_once_off(client: PaperspaceClient, machine_id: str, refusal: ApiError, waiter: Waiter) -> None:
    """A delete is refused while the machine is busy or runs, and where an earlier one is under way."""
    try:
        if wait_for_state(client, machine_id, STABLE, waiter).state != OFF:
            power.ensure_off(client, machine_id, waiter)
        _delete_again(client, machine_id)
        wait_until_gone(client, machine_id, waiter)
    except NotFound:
        return
    except WaitTimeout as late:
        raise refusal from late


def _delete_again(client: PaperspaceClient, machine_id: str) -> None:
    """A refusal may mean that a delete is under way, or that it was refused for a moment only."""
    with suppress(BadRequest, Conflict):
        machines.delete(client, machine_id)


def _is_shared(client: PaperspaceClient, belongings: Belongings) -> bool:
    if not belongings.wire_name:
        return False
    others = machines.named(client, belongings.wire_name)
    return any(machine.id != belongings.machine_id for machine in others)


def _wire_name(properties: Mapping[str, Any]) -> str | None:
    recorded = inputs_of(properties)
    parts = [recorded.get(key) for key in ("name", "identity", "template")]
    return wire_name(*map(str, parts)) if all(parts) else None
