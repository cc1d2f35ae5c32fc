"""Snapshot, the Pulumi resource: one named snapshot of a machine's disk.

`provider.snapshot.SnapshotProvider` is part of the state format, as machine.py says of its own.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import Resource

from provider import models, snapshots
from provider.client import PaperspaceClient
from provider.dynamic import old_one_first
from provider.machine_part import MachinePartProvider
from provider.waiting import Waiter


class SnapshotProvider(MachinePartProvider):
    """Another machine replaces it, another name renames it."""

    def make(self, client: PaperspaceClient, machine_id: str, name: str, waiter: Waiter) -> models.Snapshot:
        return snapshots.create(client, machine_id, name, waiter)

    def find(self, client: PaperspaceClient, id_: str) -> models.Snapshot | None:
        return snapshots.get(client, id_)

    def rename(self, client: PaperspaceClient, id_: str, name: str) -> None:
        snapshots.rename(client, id_, name)

    def remove(self, client: PaperspaceClient, id_: str, waiter: Waiter) -> None:
        snapshots.delete(client, id_, waiter)

    def observed(self, part: models.Snapshot) -> dict[str, Any]:
        return {"machine_id": part.machine_id}


class Snapshot(Resource, module="paperspace", name="Snapshot"):
    """A snapshot that Pulumi takes, keeps and deletes; it is billed until then and goes with its machine.

    Taken once: an unchanged program does not take it again. provider.snapshots.restore brings it back.
    """

    name: pulumi.Output[str]
    machine_id: pulumi.Output[str]
    api_url: pulumi.Output[str]
    team_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        machine_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"name": name, "machine_id": machine_id, "api_url": None, "team_id": None}
        super().__init__(SnapshotProvider(), resource_name, properties, old_one_first(opts))
