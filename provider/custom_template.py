"""CustomTemplate, the Pulumi resource: a template made from a machine, for more machines like it.

`provider.custom_template.CustomTemplateProvider` is part of the state format, as machine.py says of its own.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from provider import custom_templates
from provider.credentials import client_from_environment
from provider.dynamic import plain, told_briefly, waiter
from provider.lifecycle import refuse_other_endpoint
from provider.models import CustomTemplate as Template
from provider.unknown import contains_unknown


class CustomTemplateProvider(ResourceProvider):
    """Another machine replaces it, another name renames it. Making it stops the machine for a while."""

    serialize_as_secret_always = False

    @told_briefly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        before, after = plain(_olds).get("machine_id"), plain(_news).get("machine_id")
        return DiffResult(None, ["machine_id"] if before != after and not contains_unknown(after) else [])

    @told_briefly
    def create(self, props: dict[str, Any]) -> CreateResult:
        with client_from_environment() as client:
            made = custom_templates.create(client, props["machine_id"], props["name"], waiter())
            return CreateResult(made.id, _outputs(made, props, client.url))

    @told_briefly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        with client_from_environment() as client:
            refuse_other_endpoint(client, id_, props)
            found = custom_templates.get(client, id_)
            if found is None:
                return ReadResult("", {})
            outputs = _outputs(found, props, client.url) | {"name": found.name}
        return ReadResult(id_, outputs, {"name": found.name, "machine_id": outputs["machine_id"]})

    @told_briefly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _olds)
            custom_templates.rename(client, _id, _news["name"])
            return UpdateResult(plain(_olds) | plain(_news))

    @told_briefly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        with client_from_environment() as client:
            refuse_other_endpoint(client, _id, _props)
            custom_templates.delete(client, _id)


class CustomTemplate(Resource, module="paperspace", name="CustomTemplate"):
    """A template of the team. Its id or name is what a Machine's `template` takes, in its own region."""

    name: pulumi.Output[str]
    machine_id: pulumi.Output[str]
    region: pulumi.Output[str]
    api_url: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        machine_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"name": name, "machine_id": machine_id, "region": None, "api_url": None}
        super().__init__(CustomTemplateProvider(), resource_name, properties, opts)


def _outputs(template: Template, props: dict[str, Any], api_url: str) -> dict[str, Any]:
    return plain(props) | {"region": template.region, "api_url": api_url}
