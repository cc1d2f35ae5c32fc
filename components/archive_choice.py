"""Which archive `restore_from` means, from the properties of a Restore."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import archive_files
from components.archive_files import ArchiveFile
from components.settings import LATEST


def chosen(properties: Mapping[str, Any]) -> ArchiveFile:
    """`latest` is the newest of another machine: what the present one was archived with is its own already.

    Raises NoArchive.
    """
    wanted, directory, stack = (str(properties[key]) for key in ("restore_from", "directory", "stack"))
    if wanted == LATEST and (others := of_other_machines(properties)):
        return others[-1]
    return archive_files.find_archive(wanted, directory, stack)


def of_other_machines(properties: Mapping[str, Any]) -> list[ArchiveFile]:
    found = archive_files.list_archives(properties["directory"], properties["stack"])
    return [archive for archive in found if archive.machine_id != properties["machine_id"]]


def newer(olds: Mapping[str, Any], news: Mapping[str, Any]) -> ArchiveFile | None:
    """Where `latest` is wanted: an archive that came after the one that the machine has."""
    if news["restore_from"] != LATEST:
        return None
    later = [each for each in of_other_machines(news) if each.path.name > olds.get("archive", "")]
    return later[-1] if later else None
