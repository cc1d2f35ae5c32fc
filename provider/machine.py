"""Machine, the Pulumi resource, and its dynamic provider: a thin shell around lifecycle.py.

The path `provider.machine.MachineProvider` is part of the state format: Pulumi stores a pickled reference
to it and deletes through it. It takes no constructor arguments, for an attribute would enter the pickle.
The API key is read inside each method, so it never reaches state and a rotated one counts at once.
What a method needs is imported in it: a program that only declares machines starts in half the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from provider.credentials import client_from_environment
from provider.dynamic import old_one_first, plain, told_briefly, waiter, with_pulumis_unknowns

DISK_LOST = "machine {id} will be replaced ({causes}): its disk is lost unless its home folder is archived"

COMPUTED = (
    "api_url",
    "team_id",
    "region",
    "machine_type",
    "state",
    "public_ip",
    "static_ips",
    "private_ip",
    "os",
    "cpus",
    "ram_gb",
    "gpu",
    "hourly_rate",
    "monthly_fixed",
    "created_at",
    "startup_script_id",
    "template_id",
)


class MachineProvider(ResourceProvider):
    """Create, read, update, replace and delete of Paperspace machines."""

    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        from provider import lifecycle

        olds, wanted = plain(_olds), plain(news)
        inputs, problems = lifecycle.check(client_from_environment, olds, wanted, waiter())
        failures = [CheckFailure(problem.key, problem.text) for problem in problems]
        return CheckResult(with_pulumis_unknowns(inputs), failures)

    @told_briefly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        from provider import lifecycle

        found = lifecycle.diff(client_from_environment, plain(_olds), plain(_news))
        if found.replaces:
            waiter().warn(DISK_LOST.format(id=_id, causes=", ".join(found.replaces)))
        # None lets the engine compare the inputs and show each property; False overrules it where they only
        # read differently, such as another order of regions.
        changes = False if found.is_empty else None
        return DiffResult(changes, found.replaces)

    @told_briefly
    def create(self, props: dict[str, Any]) -> CreateResult:
        from provider import lifecycle

        with client_from_environment() as client:
            machine_id, outputs = lifecycle.make(client, plain(props), waiter())
        return CreateResult(machine_id, outputs)

    @told_briefly
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        from provider import lifecycle

        with client_from_environment() as client:
            found = lifecycle.read(client, id_, plain(props), waiter())
        if found is None:
            return ReadResult("", {})
        outputs, inputs = found
        return ReadResult(id_, outputs, inputs)

    @told_briefly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        from provider import lifecycle

        with client_from_environment() as client:
            outputs = lifecycle.update(client, _id, plain(_olds), plain(_news), waiter())
        return UpdateResult(outputs)

    @told_briefly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        from provider import lifecycle

        with client_from_environment() as client:
            lifecycle.delete(client, _id, plain(_props), waiter())


class Machine(Resource, module="paperspace", name="Machine"):
    """A Paperspace machine. `id` is the API's id: dependants should refer to it, it is stable over updates.

    identity: unique to this stack and stable over interrupted runs, so that a machine whose creation was
    interrupted is found again. auto_snapshot: {enabled, frequency, keep}. auto_shutdown: {hours, force},
    hours 0 for never. adopt: id of a machine to take over instead of making one; it is this resource's
    from then on, and destroy deletes it. The startup script runs as root at every boot. disk_size in GB,
    rates in USD.
    """

    name: pulumi.Output[str]
    machine_types: pulumi.Output[list[str]]
    regions: pulumi.Output[list[str]]
    template: pulumi.Output[str]
    disk_size: pulumi.Output[int]
    public_ip_type: pulumi.Output[str]
    power: pulumi.Output[str]
    api_url: pulumi.Output[str]
    team_id: pulumi.Output[str]
    region: pulumi.Output[str]
    machine_type: pulumi.Output[str]
    state: pulumi.Output[str]
    public_ip: pulumi.Output[str | None]
    static_ips: pulumi.Output[list[str]]
    private_ip: pulumi.Output[str | None]
    os: pulumi.Output[str | None]
    cpus: pulumi.Output[float | None]
    ram_gb: pulumi.Output[float | None]
    gpu: pulumi.Output[str | None]
    hourly_rate: pulumi.Output[float | None]
    monthly_fixed: pulumi.Output[float | None]
    created_at: pulumi.Output[str | None]
    startup_script_id: pulumi.Output[str]
    template_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        identity: pulumi.Input[str],
        machine_types: pulumi.Input[Sequence[pulumi.Input[str]]],
        regions: pulumi.Input[Sequence[pulumi.Input[str]]],
        template: pulumi.Input[str],
        disk_size: pulumi.Input[int] = 50,
        public_ip_type: pulumi.Input[str] = "static",
        auto_snapshot: pulumi.Input[Mapping[str, Any]] | None = None,
        auto_shutdown: pulumi.Input[Mapping[str, Any]] | None = None,
        startup_script: pulumi.Input[str] = "",
        network: pulumi.Input[str] | None = None,
        power: pulumi.Input[str] = "running",
        accessors: pulumi.Input[Sequence[pulumi.Input[str]]] = (),
        adopt: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "name": name,
            "identity": identity,
            "machine_types": machine_types,
            "regions": regions,
            "template": template,
            "disk_size": disk_size,
            "public_ip_type": public_ip_type,
            "auto_snapshot": {"enabled": False} if auto_snapshot is None else auto_snapshot,
            "auto_shutdown": {"hours": 8, "force": False} if auto_shutdown is None else auto_shutdown,
            "startup_script": startup_script,
            "network": network,
            "power": power,
            "accessors": list(accessors) if isinstance(accessors, tuple) else accessors,
            "adopt": adopt,
            **dict.fromkeys(COMPUTED),
        }
        super().__init__(MachineProvider(), resource_name, properties, old_one_first(opts))
