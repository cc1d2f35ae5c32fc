"""What a snapshot and a template have in common as Pulumi resources: made from a machine, and renamed."""

from __future__ import annotations

from typing import Any, Protocol

from pulumi.dynamic import CreateResult, DiffResult, ReadResult, ResourceProvider, UpdateResult

from provider import account
from provider.client import PaperspaceClient
from provider.credentials import client_from_environment
from provider.dynamic import plain, told_briefly, waiter
from provider.endpoint import refuse_other_endpoint
from provider.unknown import contains_unknown
from provider.waiting import Waiter


class Part(Protocol):
    """As the API has it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class MachinePartProvider(ResourceProvider):
    """Another machine replaces it, another name renames it. A subclass says how, in its own module: that and
    its name are what state holds."""

    serialize_as_secret_always = False

    def make(self, client: PaperspaceClient, machine_id: str, name: str, waiter: Waiter) -> Part:
        raise NotImplementedError

    def find(self, client: PaperspaceClient, id_: str) -> Part | None:
        """None where it is gone."""
        raise NotImplementedError

    def rename(self, client: PaperspaceClient, id_: str, name: str) -> None:
        raise NotImplementedError

    def remove(self, client: PaperspaceClient, id_: str, waiter: Waiter) -> None:
        raise NotImplementedError

    def observed(self, part: Any) -> dict[str, Any]:
        """Properties beside the name that the API tells."""
        raise NotImplementedError

    @told_briefly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        before, after = plain(_olds).get("machine_id"), plain(_news).get("machine_id")
        return DiffResult(None, ["machine_id"] if before != after and not contains_unknown(after) else [])

    @told_briefly
    def create(self, props: dict[str, Any]) -> CreateResult:
        with client_from_environment() as client:
            origin = account.origin(client)
            made = self.make(client, props["machine_id"], props["name"], waiter())
            return CreateResult(made.id, plain(props) | self.observed(made) | origin)

    @told_briefly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        with client_from_environment() as client:
            refuse_other_endpoint(client, id_, props)
            found = self.find(client, id_)
            if found is None:
                account.refuse_other_team(client, id_, props)
                return ReadResult("", {})
            outputs = plain(props) | self.observed(found) | {"name": found.name, "api_url": client.url}
        return ReadResult(id_, outputs, {"name": found.name, "machine_id": outputs["machine_id"]})

    @told_briefly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _olds)
            self.rename(client, _id, _news["name"])
            return UpdateResult(plain(_olds) | plain(_news))

    @told_briefly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _props)
            self.remove(client, _id, waiter())
