"""Before a machine is deleted: its home folder becomes an archive on this computer, or the machine stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components import archive_files, archive_skip
from components.archive_files import ArchiveError, ArchiveFile
from components.archive_words import content
from components.archiving import LOGIN_SECONDS, MachineSilent, archive_home
from components.home_packing import Packing
from components.ssh import BOOT_SECONDS, Login
from provider import power
from provider.client import PaperspaceClient
from provider.endpoint import refuse_other_endpoint
from provider.errors import PaperspaceError
from provider.events import wait_for_address
from provider.models import Machine
from provider.reading import present_machine
from provider.states import READY
from provider.waiting import Waiter


class NotArchived(PaperspaceError):
    """The home folder could not be saved, so the machine is not deleted."""

    def __init__(self, machine_id: str, cause: Exception) -> None:
        super().__init__(
            f"the home folder of machine {machine_id} could not be archived: {cause}\n"
            "The machine stays, with its disk, and is billed until it is deleted. Run the command again; "
            "a setting that is to change for that needs a `pulumi up` first, one that replaces nothing; "
            f"or lose what is on the disk: {archive_skip.VARIABLE}={machine_id} pulumi destroy"
        )


@dataclass(frozen=True)
class Home:
    """One machine's home folder: how to get at it, and what becomes of it."""

    mode: str
    machine_id: str
    port: int
    private_key: str
    host_key: str
    packing: Packing

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> Home:
        """From the resource's properties; numbers may be floats."""
        packing = Packing(
            properties["stack"],
            properties["machine_id"],
            properties["directory"],
            tuple(properties["exclude"]),
            properties["limit_gb"],
        )
        return cls(
            properties["mode"],
            properties["machine_id"],
            int(properties["port"]),
            properties["private_key"],
            properties["host_key"],
            packing,
        )


def archive_before_deletion(
    connect: Callable[[], PaperspaceClient], properties: Mapping[str, Any], waiter: Waiter
) -> ArchiveFile | None:
    """The archive, or None where there is nothing to save. Raises NotArchived: then the machine must stay."""
    home = Home.of(properties)
    if home.mode == "off":
        waiter.warn(f"machine {home.machine_id}: archive is off, so what is on its disk is lost")
        return None
    if home.machine_id in archive_skip.skipped():
        waiter.warn(
            f"machine {home.machine_id}: no archive, as {archive_skip.VARIABLE} says; its disk is lost"
        )
        return None
    with connect() as client:
        refuse_other_endpoint(client, home.machine_id, properties)
        try:
            archive = saved(client, home, properties, waiter)
        except (ArchiveError, PaperspaceError) as failure:
            raise NotArchived(home.machine_id, failure) from failure
    if archive and archive.record:
        waiter.report(f"the home folder is in {archive.path}: {content(archive.record)}")
    return archive


def saved(
    client: PaperspaceClient, home: Home, properties: Mapping[str, Any], waiter: Waiter
) -> ArchiveFile | None:
    """None where the machine is gone. Raises ArchiveError, PaperspaceError.

    The machine is off afterwards: nothing is written that the archive does not hold, and nothing billed by
    the hour where its deletion fails. One that ran and could not be archived runs on.
    """
    machine = present_machine(client, home.machine_id, properties)
    if machine is None:
        waiter.report(f"machine {home.machine_id} is gone already: there is nothing to archive")
        return None
    prepare_folder(home)
    if machine.state == READY:
        archive = saved_from_running(client, home, machine, waiter)
        switch_off(client, home.machine_id, waiter)
        return archive
    waiter.report(f"machine {home.machine_id} is {machine.state}: starting it to archive its home folder")
    try:
        return saved_after_start(client, home, waiter)
    finally:
        switch_off(client, home.machine_id, waiter)


def switch_off(client: PaperspaceClient, machine_id: str, waiter: Waiter) -> None:
    """Never hides whether the archive failed."""
    try:
        power.ensure_off(client, machine_id, waiter)
    except PaperspaceError as failure:
        waiter.warn(f"machine {machine_id} may still run, and then costs its hours: {failure}")


def prepare_folder(home: Home) -> None:
    """Before anything is started: can the archive be written at all? Raises ArchiveError."""
    folder = archive_files.folder_of(home.packing.directory, home.packing.stack)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as failure:
        fix = "set archive_directory and run `pulumi up`"
        text = f"the folder {folder} cannot be made: {failure.strerror}; {fix}"
        raise ArchiveError(text) from failure


def saved_from_running(client: PaperspaceClient, home: Home, machine: Machine, waiter: Waiter) -> ArchiveFile:
    """A silent machine that is on for Paperspace may have powered itself off: it is switched off and on."""
    try:
        return packed(home, wait_for_address(client, machine, waiter), waiter, LOGIN_SECONDS)
    except MachineSilent as failure:
        waiter.report(f"machine {home.machine_id} does not answer ({failure}): switching it off and on once")
    power.ensure_off(client, home.machine_id, waiter)
    return saved_after_start(client, home, waiter)


def saved_after_start(client: PaperspaceClient, home: Home, waiter: Waiter) -> ArchiveFile:
    machine = power.ensure_running(client, home.machine_id, waiter)
    return packed(home, wait_for_address(client, machine, waiter), waiter, BOOT_SECONDS)


def packed(home: Home, machine: Machine, waiter: Waiter, login_seconds: float) -> ArchiveFile:
    """Raises MachineSilent, ArchiveError."""
    if not machine.public_ip:
        text = f"machine {home.machine_id} has no public address"
        raise ArchiveError(text)
    login = Login(machine.public_ip, home.port, home.private_key, home.host_key)
    return archive_home(login, home.packing, waiter.progress, login_seconds=login_seconds)
