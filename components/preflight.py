"""What a look around tells of a configuration: is there a key, such a template, the archive to restore."""

from __future__ import annotations

from components.previous import Stored
from components.settings import LATEST, Problem, Settings
from provider.credentials import KEY_VARIABLE, URL_VARIABLE, client_from_environment
from provider.errors import (
    ApiError,
    InvalidEndpoint,
    MissingApiKey,
    PaperspaceError,
    Unauthorized,
    UnknownTemplate,
)

MACHINE_TYPE = "dynamic/paperspace:Machine::machine"
RESTORE_TYPE = "dynamic/fastai:Restore::restore"
ARCHIVE_TYPE = "dynamic/fastai:Archive::archive"


def problems(template: str, stored: Stored) -> list[Problem]:
    """What is wrong with the key, the endpoint or `template`; one read of the template list.

    Nothing is asked where the stack has a machine from that template: its refresh needs the key as well.
    """
    if has(stored, MACHINE_TYPE, template=template):
        return []
    from provider import templates

    try:
        templates.find(client_from_environment(), template)
    except UnknownTemplate as unknown:
        return [Problem("template", f'"{template}"', str(unknown))]
    except InvalidEndpoint as invalid:
        return [Problem(URL_VARIABLE, "", str(invalid))]
    except MissingApiKey as missing:
        return [Problem(KEY_VARIABLE, "", str(missing))]
    except PaperspaceError as failure:
        return [unreadable(failure)]
    return []


def restore_problems(wanted: Settings, stack: str, stored: Stored) -> list[Problem]:
    """Whether the archive that is still to be restored is there and whole. Reads it through.

    One that the state holds as restored need not be on this computer.
    """
    if not wanted.restore_from:
        return []
    if has(stored, RESTORE_TYPE, restore_from=wanted.restore_from) or comes_first(wanted, stored):
        return []
    from components import archive_files

    try:
        found = archive_files.find_archive(wanted.restore_from, wanted.archive_directory, stack)
        archive_files.check(found)
    except archive_files.ArchiveError as failure:
        return [Problem("restore_from", f'"{wanted.restore_from}"', str(failure))]
    return []


def comes_first(wanted: Settings, stored: Stored) -> bool:
    """A machine goes before another takes its place: its archive is there in time."""
    guarded = has(stored, ARCHIVE_TYPE, mode="on", directory=wanted.archive_directory)
    return wanted.restore_from == LATEST and guarded


def has(stored: Stored, kind: str, **properties: str) -> bool:
    """Whether the state holds a resource of that type and name with these properties."""
    return any(
        urn.endswith(kind) and all(outputs.get(key) == value for key, value in properties.items())
        for urn, outputs in stored.items()
    )


def unreadable(failure: PaperspaceError) -> Problem:
    """The template list could not be read: a refused key, or an API that does not answer."""
    if isinstance(failure, Unauthorized):
        return Problem(KEY_VARIABLE, "", f"Paperspace refuses this key: {failure}")
    if isinstance(failure, ApiError):
        return Problem(URL_VARIABLE, "", f"the API answers with an error: {failure}")
    return Problem(URL_VARIABLE, "", f"the API does not answer: {failure}")
