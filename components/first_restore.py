"""On a machine that is up: an archive's files come into its home folder, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from components.archive_choice import chosen
from components.archive_files import ArchiveError
from components.archive_words import files
from components.archiving import restore_home
from components.home_unpacking import Restored
from components.ssh import BOOT_SECONDS, Login
from provider import machines
from provider.client import PaperspaceClient
from provider.errors import PaperspaceError
from provider.events import wait_for_address
from provider.states import READY
from provider.waiting import Waiter


class NotRestored(PaperspaceError):
    """The archive is not on the machine; the next `up` tries again."""

    def __init__(self, machine_id: str, cause: Exception) -> None:
        super().__init__(
            f"the home folder of machine {machine_id} could not be restored: {cause}\n"
            "Nothing on it is lost. Run `pulumi up` again, or remove restore_from"
        )


def restore_into_machine(
    connect: Callable[[], PaperspaceClient], properties: Mapping[str, Any], waiter: Waiter
) -> dict[str, Any]:
    """The outputs: `archive` (file name), `sha256` and `aside` ("" where nothing stood in the way).

    Raises NotRestored.
    """
    machine_id = str(properties["machine_id"])
    try:
        archive = chosen(properties)
        with connect() as client:
            host = address_of(client, machine_id, waiter)
        login = Login(host, int(properties["port"]), properties["private_key"], properties["host_key"])
        restored = restore_home(login, archive, waiter.progress, login_seconds=BOOT_SECONDS)
    except (ArchiveError, PaperspaceError) as failure:
        raise NotRestored(machine_id, failure) from failure
    waiter.report(told(archive.path, restored))
    return {"archive": archive.path.name, "sha256": restored.record.sha256, "aside": restored.aside or ""}


def address_of(client: PaperspaceClient, machine_id: str, waiter: Waiter) -> str:
    """Raises ArchiveError where the machine is off or has no address; NotFound."""
    machine = machines.get(client, machine_id)
    if machine.state != READY:
        text = f"the machine is {machine.state}; set power to running"
        raise ArchiveError(text)
    address = wait_for_address(client, machine, waiter).public_ip
    if not address:
        text = "the machine has no public address"
        raise ArchiveError(text)
    return address


def told(path: Path, restored: Restored) -> str:
    if not restored.is_new:
        return f"{path} is on the machine already"
    text = f"{path} is restored: {files(restored.record)}"
    if restored.aside:
        text += f"; what stood in the way is in ~/{restored.aside}: {', '.join(restored.moved_aside[:5])}"
    return text
