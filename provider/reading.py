"""read(): what is, in the words of the inputs, so that a refresh shows every drift. It never writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider import account, machines, public_ips, startup_scripts
from provider.client import PaperspaceClient
from provider.inputs import inputs_of
from provider.models import Machine
from provider.outputs import Properties, outputs_of, static_ips_in
from provider.waiting import Waiter


def read(
    client: PaperspaceClient, machine_id: str, properties: Mapping[str, Any], waiter: Waiter
) -> tuple[Properties, Properties] | None:
    """(outputs, inputs), or None where the machine is gone. Raises WrongTeam, UnexpectedAnswer."""
    machine = present_machine(client, machine_id, properties)
    if machine is None:
        _tell_of_addresses(client, machine_id, properties, waiter)
        return None
    recorded = dict(properties) | _shared(client, machine_id, properties)
    script_id = properties.get("startup_script_id")
    if script_id and startup_scripts.get(client, script_id) is None:
        script_id, recorded["startup_script"] = None, SCRIPT_GONE
    outputs = outputs_of(
        machine,
        recorded,
        api_url=client.url,
        team_id=properties.get("team_id"),
        template_id=properties.get("template_id"),
        startup_script_id=script_id,
    )
    return outputs, inputs_of(outputs)


def present_machine(
    client: PaperspaceClient, machine_id: str, properties: Mapping[str, Any]
) -> Machine | None:
    """None where the machine is gone for certain. Raises WrongTeam, UnexpectedAnswer."""
    machine = machines.find(client, machine_id)
    if machine is None:
        account.refuse_other_team(client, machine_id, properties)
    return machine


SCRIPT_GONE = "(deleted at Paperspace)"
"""Stands in state for the text of a script that is gone, so that the next up makes it anew."""


def _tell_of_addresses(
    client: PaperspaceClient, machine_id: str, properties: Mapping[str, Any], waiter: Waiter
) -> None:
    """State forgets them with the machine, and each is billed until it is released."""
    for ip in public_ips.abandoned(client, static_ips_in(properties)):
        waiter.warn(
            f"machine {machine_id} is gone, and its static address {ip} is still yours and billed; "
            f"give it back: pspace public-ip release {ip}"
        )


def _shared(client: PaperspaceClient, machine_id: str, properties: Mapping[str, Any]) -> Properties:
    """Of the accessors that the inputs name, those that are there."""
    named = properties.get("accessors")
    if not named:
        return {}
    present = set(machines.accessors(client, machine_id))
    return {"accessors": [user_id for user_id in named if user_id in present]}
