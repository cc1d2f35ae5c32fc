"""CustomTemplate, the Pulumi resource: a template made from a machine, for more machines like it.

`provider.custom_template.CustomTemplateProvider` is part of the state format, as machine.py says of its own.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import Resource

from provider import custom_templates, models
from provider.client import PaperspaceClient
from provider.dynamic import old_one_first
from provider.machine_part import MachinePartProvider
from provider.waiting import Waiter


class CustomTemplateProvider(MachinePartProvider):
    """Another machine replaces it, another name renames it. Making it stops the machine for a while."""

    def make(
        self, client: PaperspaceClient, machine_id: str, name: str, waiter: Waiter
    ) -> models.CustomTemplate:
        return custom_templates.create(client, machine_id, name, waiter)

    def find(self, client: PaperspaceClient, id_: str) -> models.CustomTemplate | None:
        return custom_templates.get(client, id_)

    def rename(self, client: PaperspaceClient, id_: str, name: str) -> None:
        custom_templates.rename(client, id_, name)

    def remove(self, client: PaperspaceClient, id_: str, waiter: Waiter) -> None:  # noqa: ARG002 - at once
        custom_templates.delete(client, id_)

    def observed(self, part: models.CustomTemplate) -> dict[str, Any]:
        return {"region": part.region}


class CustomTemplate(Resource, module="paperspace", name="CustomTemplate"):
    """A template of the team. Its id or name is what a Machine's `template` takes, in its own region."""

    name: pulumi.Output[str]
    machine_id: pulumi.Output[str]
    region: pulumi.Output[str]
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
        properties = {
            "name": name,
            "machine_id": machine_id,
            "region": None,
            "api_url": None,
            "team_id": None,
        }
        super().__init__(CustomTemplateProvider(), resource_name, properties, old_one_first(opts))
