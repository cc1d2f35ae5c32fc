"""read(): what is, in the words of the inputs, so that a refresh shows every drift. It never writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider import machines, startup_scripts
from provider.client import PaperspaceClient
from provider.errors import NotFound
from provider.inputs import inputs_of
from provider.outputs import Properties, outputs_of


def read(
    client: PaperspaceClient, machine_id: str, properties: Mapping[str, Any]
) -> tuple[Properties, Properties] | None:
    """(outputs, inputs), or None where the machine is gone."""
    try:
        machine = machines.get(client, machine_id)
        recorded = dict(properties) | _shared(client, machine_id, properties)
    except NotFound:
        return None
    script_id = properties.get("startup_script_id")
    if script_id and startup_scripts.get(client, script_id) is None:
        script_id, recorded["startup_script"] = None, SCRIPT_GONE
    outputs = outputs_of(
        machine,
        recorded,
        api_url=client.url,
        template_id=properties.get("template_id"),
        startup_script_id=script_id,
    )
    return outputs, inputs_of(outputs)


SCRIPT_GONE = "(deleted at Paperspace)"
"""Stands in state for the text of a script that is gone, so that the next up makes it anew."""


def _shared(client: PaperspaceClient, machine_id: str, properties: Mapping[str, Any]) -> Properties:
    """Of the accessors that the inputs name, those that are there."""
    named = properties.get("accessors")
    if not named:
        return {}
    present = set(machines.accessors(client, machine_id))
    return {"accessors": [user_id for user_id in named if user_id in present]}
