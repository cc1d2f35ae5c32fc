"""Archive, the Pulumi resource: nothing while it is there; its deletion saves the machine's home folder.

`pulumi destroy` does not run the program, so what must happen before a machine is deleted is a resource that
depends on the machine: Pulumi deletes it first, and stops where that fails.
`components.archive.ArchiveProvider` is part of the state format, as provider/machine.py says of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from components.sealing import sealed, with_secrets
from provider.credentials import client_from_environment
from provider.dynamic import plain, told_briefly, waiter
from provider.unknown import UNKNOWN

SAVED = "machine {id}: before it is deleted, its home folder is packed into {directory}/{stack}"
LOST = "machine {id}: archive was off at the last `pulumi up`, so WHAT IS ON ITS DISK IS LOST"


class ArchiveProvider(ResourceProvider):
    """Another machine replaces it, everything else is only noted. Only its delete acts.

    The private key rests encrypted in the state: delete has nothing but the state to work with.
    """

    serialize_as_secret_always = False

    @told_briefly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """An unknown id is another machine: where the machine is deleted before it is replaced, Pulumi asks
        with an unknown id, and must delete this first."""
        olds, machine_id = plain(_olds), plain(_news).get("machine_id", UNKNOWN)
        if olds["machine_id"] == machine_id:
            return DiffResult(None)
        text = (SAVED if olds["mode"] == "on" else LOST).format(id=olds["machine_id"], **olds)
        (waiter().report if olds["mode"] == "on" else waiter().warn)(text)
        return DiffResult(None, ["machine_id"])

    @told_briefly
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(f"archive-of-{props['machine_id']}", with_endpoint(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, sealed(plain(props), "private_key"))

    @told_briefly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(with_endpoint(_news))

    @told_briefly
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        from components.last_archive import archive_before_deletion

        archive_before_deletion(client_from_environment, plain(_props), waiter())


def with_endpoint(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs: the inputs, and the API and the team that the machine id holds for."""
    from provider import account

    with client_from_environment() as client:
        return sealed(plain(properties) | account.origin(client), "private_key")


class Archive(Resource, module="fastai", name="Archive"):
    """Declare it for every machine whose home folder matters; `mode` "off" lets the disk go.

    directory: on the computer that deletes. exclude: shell patterns of paths below the home folder. limit_gb:
    of the files before they are packed.
    """

    api_url: pulumi.Output[str]
    team_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        machine_id: pulumi.Input[str],
        port: pulumi.Input[int],
        private_key: pulumi.Input[str],
        host_key: pulumi.Input[str],
        stack: str,
        mode: str,
        directory: str,
        exclude: Sequence[str],
        limit_gb: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "machine_id": machine_id,
            "port": port,
            "private_key": private_key,
            "host_key": host_key,
            "stack": stack,
            "mode": mode,
            "directory": directory,
            "exclude": list(exclude),
            "limit_gb": limit_gb,
            "on_destroy": on_destroy(mode, directory, stack),
            "api_url": None,
            "team_id": None,
        }
        super().__init__(ArchiveProvider(), resource_name, properties, with_secrets(opts, "private_key"))


def on_destroy(mode: str, directory: str, stack: str) -> str:
    """For the diff: what becomes of the student's work."""
    if mode == "off":
        return "the disk is deleted with everything on it (archive: off)"
    return f"the home folder is packed into {directory}/{stack}, then the disk is deleted"
