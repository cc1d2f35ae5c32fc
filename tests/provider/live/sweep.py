"""Deletes what live tests left: machines with their addresses, and scripts, of the tests' name prefix."""

from __future__ import annotations

from provider import removal
from provider.client import PaperspaceClient
from provider.models import Machine, StartupScript, parse
from provider.waiting import Waiter

PREFIX = "fastai-live-test-"


def sweep(client: PaperspaceClient) -> list[str]:
    """Names of what was found and deleted. Nothing without the prefix is touched."""
    left = [parse(Machine, item, "GET /machines") for item in client.items("/machines")]
    swept = [machine for machine in left if machine.name.startswith(PREFIX) and not machine.dt_deleted]
    for machine in swept:
        removal.remove(client, removal.belongings_of(machine), Waiter())
    return [machine.name for machine in swept] + _sweep_scripts(client)


def _sweep_scripts(client: PaperspaceClient) -> list[str]:
    found = [parse(StartupScript, item, "GET /startup-scripts") for item in client.items("/startup-scripts")]
    swept = [script for script in found if script.name.startswith(PREFIX) and not script.dt_deleted]
    for script in swept:
        client.delete(f"/startup-scripts/{script.id}")
    return [script.name for script in swept]
