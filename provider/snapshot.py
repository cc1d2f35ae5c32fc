"""Snapshot, the Pulumi resource: one named snapshot of a machine's disk.

`provider.snapshot.SnapshotProvider` is part of the state format, as machine.py says of its own.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from provider import snapshots
from provider.credentials import client_from_environment
from provider.dynamic import plain, told_briefly, waiter
from provider.lifecycle import refuse_other_endpoint
from provider.unknown import contains_unknown


class SnapshotProvider(ResourceProvider):
    """Another machine replaces it, another name renames it."""

    serialize_as_secret_always = False

    @told_briefly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        before, after = plain(_olds).get("machine_id"), plain(_news).get("machine_id")
        return DiffResult(None, ["machine_id"] if before != after and not contains_unknown(after) else [])

    @told_briefly
    def create(self, props: dict[str, Any]) -> CreateResult:
        with client_from_environment() as client:
            made = snapshots.create(client, props["machine_id"], props["name"], waiter())
            return CreateResult(made.id, plain(props) | {"api_url": client.url})

    @told_briefly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        with client_from_environment() as client:
            refuse_other_endpoint(client, id_, props)
            found = snapshots.get(client, id_)
        if found is None:
            return ReadResult("", {})
        inputs = {"name": found.name, "machine_id": found.machine_id}
        return ReadResult(id_, plain(props) | inputs, inputs)

    @told_briefly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _olds)
            snapshots.rename(client, _id, _news["name"])
            return UpdateResult(plain(_news) | {"api_url": client.url})

    @told_briefly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _props)
            snapshots.delete(client, _id, waiter())


class Snapshot(Resource, module="paperspace", name="Snapshot"):
    """A snapshot that Pulumi takes, keeps and deletes; it is billed until then and goes with its machine.

    Taken once: an unchanged program does not take it again. provider.snapshots.restore brings it back.
    """

    name: pulumi.Output[str]
    machine_id: pulumi.Output[str]
    api_url: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        machine_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"name": name, "machine_id": machine_id, "api_url": None}
        super().__init__(SnapshotProvider(), resource_name, properties, opts)
