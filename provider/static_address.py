"""StaticAddress, the Pulumi resource: the static address of a machine, which the next machine takes over.

A machine is deleted before it is replaced: one address is at one machine.
`provider.static_address.StaticAddressProvider` is part of the state format, as machine.py says of its own.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from provider.credentials import client_from_environment
from provider.dynamic import plain, told_briefly, waiter
from provider.endpoint import refuse_other_endpoint
from provider.unknown import UNKNOWN


class StaticAddressProvider(ResourceProvider):
    """Claims nothing itself: the machine does at its creation, and releases what is its own at its end."""

    serialize_as_secret_always = False

    @told_briefly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Pulumi asks before it deletes the old machine, in the same process."""
        from provider import kept_addresses

        olds = plain(_olds)
        if olds["machine_id"] != plain(_news).get("machine_id", UNKNOWN):
            kept_addresses.keep(olds["ip"])
            waiter().report(f"address {olds['ip']} goes on to the machine that replaces {olds['machine_id']}")
        return DiffResult(None)

    @told_briefly
    def create(self, props: dict[str, Any]) -> CreateResult:
        from provider import account, kept_addresses

        with client_from_environment() as client:
            ip = kept_addresses.of_machine(client, props["machine_id"])
            return CreateResult(f"address-{ip}", plain(props) | {"ip": ip} | account.origin(client))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, plain(props))

    @told_briefly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        from provider import account, kept_addresses

        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _olds)
            ip = kept_addresses.move(client, _olds["ip"], _news["machine_id"], waiter())
            return UpdateResult(plain(_news) | {"ip": ip} | account.origin(client))

    @told_briefly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        from provider import account, kept_addresses

        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _props)
            account.refuse_other_team(client, _id, _props)
            kept_addresses.release_abandoned(client, _props["ip"])


class StaticAddress(Resource, module="paperspace", name="StaticAddress"):
    """`ip`: the address that the present machine has, and the next one will have."""

    ip: pulumi.Output[str]
    api_url: pulumi.Output[str]
    team_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        machine_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"machine_id": machine_id, "ip": None, "api_url": None, "team_id": None}
        super().__init__(StaticAddressProvider(), resource_name, properties, opts)
