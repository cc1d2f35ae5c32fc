"""Objects of the state as JSON answers."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse

from sandbox.paperspace.state.custom_templates import CustomTemplate, CustomTemplateOnWire
from sandbox.paperspace.state.database import Record
from sandbox.paperspace.state.machine_events import MachineEvent
from sandbox.paperspace.state.machines import Machine, MachineOnWire
from sandbox.paperspace.state.pages import Page
from sandbox.paperspace.state.public_ips import PublicIp
from sandbox.paperspace.state.shared_drives import SharedDrive
from sandbox.paperspace.state.snapshots import Snapshot, SnapshotOnWire
from sandbox.paperspace.state.startup_scripts import StartupScript, StartupScriptOnWire
from sandbox.paperspace.state.world import World

_TOLD: dict[type[Record], set[str]] = {
    Machine: set(MachineOnWire.model_fields),
    StartupScript: set(StartupScriptOnWire.model_fields),
    Snapshot: set(SnapshotOnWire.model_fields),
    CustomTemplate: set(CustomTemplateOnWire.model_fields),
}
_INT64 = {Machine: ("ram", "storageTotal", "storageUsed"), SharedDrive: ("size",)}


def wire(world: World, record: Record) -> dict[str, Any]:
    """The object with the keys that the API tells, and no others."""
    shown = record.model_dump(mode="json", by_alias=True, include=_TOLD.get(type(record)))
    if isinstance(record, PublicIp) and record.assigned_machine_id is None:
        del shown["assignedMachineId"]
    if world.settings.int64_as_strings:
        _int64_as_strings(shown, _INT64.get(type(record), ()))
    return shown


def _int64_as_strings(shown: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        shown[name] = str(shown[name])
    for accelerator in shown.get("accelerators") or ():
        accelerator["memory"] = str(accelerator["memory"])


def one(world: World, record: Record) -> JSONResponse:
    return JSONResponse(wire(world, record))


def envelope(world: World, event: MachineEvent | None, record: Record) -> JSONResponse:
    """`{event, data}`; without `event` where nothing asynchronous happened."""
    begun = {"event": wire(world, event)} if event else {}
    return JSONResponse({**begun, "data": wire(world, record)})


def page(world: World, found: Page[Any]) -> JSONResponse:
    """`{hasMore, items, nextPage}`; the end of `nextPage` follows the switch."""
    at_end: dict[str, dict[str, str | None]] = {
        "absent": {},
        "null": {"nextPage": None},
        "empty": {"nextPage": ""},
    }
    more = {"nextPage": found.next_page} if found.next_page else at_end[world.settings.end_of_pages]
    items = [wire(world, record) for record in found.items]
    return JSONResponse({"hasMore": found.next_page is not None, "items": items, **more})
