"""Reservation, the Pulumi resource: the name under which a machine is ordered, in state before the order is.

A create that was killed leaves a machine that no state knows: `pulumi up` adopts it, but `pulumi destroy`
alone would leave it billed in silence. The machine depends on its reservation, so destroy comes to the
reservation last, and fails while a machine still has the name.
`provider.reservation.ReservationProvider` is part of the state format, as machine.py says of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from provider.credentials import client_from_environment
from provider.dynamic import plain, told_briefly
from provider.endpoint import refuse_other_endpoint

INPUTS = ("name", "identity", "template")


class ReservationProvider(ResourceProvider):
    """Makes nothing; only its delete speaks to the API."""

    serialize_as_secret_always = False

    @told_briefly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(None)

    @told_briefly
    def create(self, props: dict[str, Any]) -> CreateResult:
        outputs = reserved(props)
        return CreateResult(outputs["wire_name"], outputs)

    @told_briefly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        known = plain(props)
        return ReadResult(id_, known, {key: known[key] for key in INPUTS})

    @told_briefly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(reserved(_news, names_of(_olds)))

    @told_briefly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        from provider import account, leftovers

        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _props)
            account.refuse_other_team(client, _id, _props)
            for name in names_of(_props):
                leftovers.clear(client, name)


def names_of(outputs: Mapping[str, Any]) -> list[str]:
    """On the wire, the present one last."""
    return [*outputs.get("former_names", []), outputs["wire_name"]]


def reserved(properties: Mapping[str, Any], former: Sequence[str] = ()) -> dict[str, Any]:
    """The outputs: the inputs, the name on the wire, the API and the team that it holds for.

    former: names on the wire before; a machine of a killed create may still have one.
    """
    from provider import account
    from provider.inputs import wire_name

    given = {key: plain(properties)[key] for key in INPUTS}
    name = wire_name(**given)
    with client_from_environment() as client:
        others = [each for each in dict.fromkeys(former) if each != name]
        return given | {"wire_name": name, "former_names": others} | account.origin(client)


class Reservation(Resource, module="paperspace", name="Reservation"):
    """Make it with the machine's own name, identity and template, and let the machine depend on it."""

    wire_name: pulumi.Output[str]
    former_names: pulumi.Output[list[str]]
    api_url: pulumi.Output[str]
    team_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        identity: pulumi.Input[str],
        template: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"name": name, "identity": identity, "template": template}
        computed = dict.fromkeys(("wire_name", "former_names", "api_url", "team_id"))
        super().__init__(ReservationProvider(), resource_name, properties | computed, opts)
