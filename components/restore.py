"""Restore, the Pulumi resource: an archive that was put into a machine's home folder, once.

`components.restore.RestoreProvider` is part of the state format, as provider/machine.py says of its own.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from components.sealing import sealed, with_secrets
from provider.credentials import client_from_environment
from provider.dynamic import plain, told_briefly, waiter
from provider.unknown import UNKNOWN

INPUTS = ("machine_id", "port", "private_key", "host_key", "stack", "directory", "restore_from")
OUTPUTS = ("archive", "sha256", "aside")


class RestoreProvider(ResourceProvider):
    """Another machine or another archive restores again; a machine that has the archive is left alone."""

    serialize_as_secret_always = False

    @told_briefly
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        from components.archive_choice import newer

        olds, news = plain(_olds), plain(_news)
        if olds["machine_id"] != news.get("machine_id", UNKNOWN):
            return DiffResult(None, ["machine_id"])
        if archive := newer(olds, news):
            waiter().report(f"machine {news['machine_id']}: {archive.path} will be restored")
            return DiffResult(changes=True)
        return DiffResult(None)

    @told_briefly
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(f"restore-to-{props['machine_id']}", restored(plain(props)))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, sealed(plain(props), "private_key"))

    @told_briefly
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        from components.archive_choice import newer

        olds, news = plain(_olds), plain(_news)
        if olds["restore_from"] == news["restore_from"] and not newer(olds, news):
            kept = {key: olds[key] for key in OUTPUTS if key in olds}
            return UpdateResult(sealed(news | kept, "private_key"))
        return UpdateResult(restored(news))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """What was restored stays."""


def restored(properties: dict[str, Any]) -> dict[str, Any]:
    """The outputs, once the archive is on the machine."""
    from components.first_restore import restore_into_machine

    outputs = restore_into_machine(client_from_environment, properties, waiter())
    return sealed(properties | outputs, "private_key")


class Restore(Resource, module="fastai", name="Restore"):
    """restore_from: the path of an archive, or "latest" for the newest in `directory` of this stack's other
    machines."""

    archive: pulumi.Output[str]
    sha256: pulumi.Output[str]
    aside: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        machine_id: pulumi.Input[str],
        port: pulumi.Input[int],
        private_key: pulumi.Input[str],
        host_key: pulumi.Input[str],
        stack: str,
        directory: str,
        restore_from: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = (machine_id, port, private_key, host_key, stack, directory, restore_from)
        properties = {**dict(zip(INPUTS, given, strict=True)), **dict.fromkeys(OUTPUTS)}
        super().__init__(RestoreProvider(), resource_name, properties, with_secrets(opts, "private_key"))
