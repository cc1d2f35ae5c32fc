"""What only Paperspace itself can say about a configuration: is there a key, and such a template."""

from __future__ import annotations

from components import previous
from components.settings import Problem, Settings
from provider import templates
from provider.credentials import KEY_VARIABLE, URL_VARIABLE, client_from_environment
from provider.errors import (
    ApiError,
    InvalidEndpoint,
    MissingApiKey,
    PaperspaceError,
    Unauthorized,
    UnknownTemplate,
)

RESTORE_TYPE = "dynamic/fastai:Restore::restore"


def problems(template: str) -> list[Problem]:
    """What is wrong with the key, the endpoint or `template`; one read of the template list."""
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


def restore_problems(wanted: Settings, stack: str) -> list[Problem]:
    """Whether the archive that is still to be restored is there and whole. Reads it through."""
    if not wanted.restore_from or is_restored(wanted.restore_from):
        return []
    from components import archive_files

    try:
        found = archive_files.find_archive(wanted.restore_from, wanted.archive_directory, stack)
        archive_files.check(found)
    except archive_files.ArchiveError as failure:
        return [Problem("restore_from", f'"{wanted.restore_from}"', str(failure))]
    return []


def is_restored(restore_from: str) -> bool:
    """Whether the state holds this restore as done: then the archive need not be on this computer."""
    stored = previous.present_outputs().items()
    return any(
        urn.endswith(RESTORE_TYPE) and restore.get("restore_from") == restore_from for urn, restore in stored
    )


def unreadable(failure: PaperspaceError) -> Problem:
    """The template list could not be read: a refused key, or an API that does not answer."""
    if isinstance(failure, Unauthorized):
        return Problem(
            KEY_VARIABLE, "", f"Paperspace refuses this key ({failure}); make a new one in its console"
        )
    if isinstance(failure, ApiError):
        return Problem(URL_VARIABLE, "", f"the API answers with an error: {failure}")
    return Problem(URL_VARIABLE, "", f"the API does not answer: {failure}")
