"""Copies of a machine's disk, as snapshots and custom templates: begun with an event, ended by a transition.

Only their records are kept: restoring a snapshot does not change a guest's disk, and a machine made from a
custom template gets the disk of the OS template at its root.
"""

from __future__ import annotations

from sandbox.paperspace.state import (
    custom_templates,
    machine_events,
    machines,
    os_templates,
    snapshots,
    transitions,
)
from sandbox.paperspace.state.custom_templates import CustomTemplate, NewCustomTemplate
from sandbox.paperspace.state.errors import BadRequest
from sandbox.paperspace.state.identifiers import new_id
from sandbox.paperspace.state.machine_events import MachineEvent
from sandbox.paperspace.state.machine_types import MACHINE_TYPES
from sandbox.paperspace.state.snapshots import NewSnapshot, Snapshot, SnapshotRestore
from sandbox.paperspace.state.transitions import Transition
from sandbox.paperspace.state.world import World, atomic


@atomic
def create_snapshot(world: World, wanted: NewSnapshot) -> tuple[MachineEvent, Snapshot]:
    """The machine need not be off. Raises NotFound, Conflict."""
    machine = machines.changeable(world, wanted.machine_id)
    snapshot = snapshots.add(world, machine.id, wanted.name)
    delay = world.settings.snapshot
    return transitions.announce(world, "snapshot-create", "snapshot-create", machine.id, delay), snapshot


@atomic
def delete_snapshot(world: World, snapshot_id: str) -> tuple[MachineEvent, Snapshot]:
    """Listed until the event is done. Raises NotFound."""
    snapshot = snapshots.get(world, snapshot_id)
    event = transitions.announce(
        world,
        "snapshot-delete",
        "snapshot-delete",
        snapshot.machine_id,
        world.settings.snapshot,
        snapshot_id=snapshot_id,
    )
    return event, snapshot


@atomic
def restore_snapshot(
    world: World, snapshot_id: str, wanted: SnapshotRestore
) -> tuple[MachineEvent, Snapshot]:
    """Raises NotFound, Conflict."""
    snapshot = snapshots.get(world, snapshot_id)
    machine = machines.changeable(world, snapshot.machine_id)
    if wanted.create_snapshot_before_restore:
        snapshots.add(world, machine.id, f"{machine.name} before restore")
    delay = world.settings.snapshot
    return transitions.announce(world, "snapshot-restore", "snapshot-restore", machine.id, delay), snapshot


@atomic
def create_template(world: World, wanted: NewCustomTemplate) -> tuple[MachineEvent, CustomTemplate]:
    """Raises NotFound, Conflict, BadRequest when the machine is not off."""
    machine = machines.changeable(world, wanted.machine_id)
    if machine.state != "off":
        message = f"The machine must be off to make a template. This machine is currently {machine.state}."
        raise BadRequest(message)
    root = os_templates.find(world, machine.template_id)
    template = CustomTemplate(
        id=new_id("template"),
        name=wanted.name,
        agent_type=machine.agent_type,
        operating_system_label=machine.os,
        region=machine.region,
        default_size_gb=machine.disk_size,
        available_machine_types=root.available_machine_types if root else _all_types(),
        parent_machine_id=machine.id,
        dt_created=world.clock.date_time(),
        os_template=machine.os_template,
    )
    custom_templates.put(world, template)
    delay = world.settings.snapshot
    return (
        transitions.announce(
            world, "template-create", "template-create", machine.id, delay, template_id=template.id
        ),
        template,
    )


def _all_types() -> list[dict[str, object]]:
    return [{"machineTypeLabel": label, "isAvailable": True} for label in MACHINE_TYPES]


@atomic
def conclude(world: World, transition: Transition) -> None:
    """The end of any of the four."""
    if not transitions.take(world, transition):
        return
    if transition.kind == "snapshot-delete":
        snapshots.remove(world, transition.details["snapshot_id"])
    template = custom_templates.find(world, transition.details.get("template_id", ""))
    if template:
        custom_templates.put(world, template.model_copy(update={"ready": True}))
    machine_events.finish(world, transition.event_id)
