"""Snapshots of a machine's disk: made, listed, restored, deleted. They go with their machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider import power
from provider.client import PaperspaceClient, segment
from provider.errors import NotFound
from provider.events import wait_for_event, wait_for_state
from provider.models import Machine, Snapshot, SnapshotAnswer, parse
from provider.posting import post_once
from provider.states import OFF, READY
from provider.waiting import Waiter

PATH = "/snapshots"


def of_machine(client: PaperspaceClient, machine_id: str) -> list[Snapshot]:
    """Every snapshot of the machine, also those that Paperspace took by itself (`is_auto_snapshot`)."""
    items = client.items(PATH, {"machineId": machine_id})
    return [parse(Snapshot, item, f"GET {PATH}") for item in items]


def get(client: PaperspaceClient, snapshot_id: str) -> Snapshot | None:
    """The snapshot, or None where it is gone."""
    try:
        return parse(Snapshot, client.get(_path(snapshot_id)), f"GET {_path(snapshot_id)}")
    except NotFound:
        return None


def create(client: PaperspaceClient, machine_id: str, name: str, waiter: Waiter) -> Snapshot:
    """The snapshot of this name, made unless it is there. Raises EventFailed, WaitTimeout."""

    def look() -> SnapshotAnswer | None:
        found = _named(client, machine_id, name)
        return SnapshotAnswer(data=found) if found else None

    def post() -> SnapshotAnswer:
        body = {"name": name, "machineId": machine_id}
        return parse(SnapshotAnswer, client.post(PATH, body), f"POST {PATH}")

    answer = look() or post_once(post, look, waiter)
    wait_for_event(client, answer.event, waiter)
    return answer.data


def rename(client: PaperspaceClient, snapshot_id: str, name: str) -> None:
    """PUT /snapshots/{id}. Raises NotFound."""
    client.put(_path(snapshot_id), {"name": name})


def restore(
    client: PaperspaceClient, snapshot: Snapshot, waiter: Waiter, *, keep_present: bool = True
) -> Machine:
    """The machine with the snapshot's disk, running if it ran before.

    Everything written since the snapshot is lost, unless `keep_present` takes one more snapshot first. The
    machine is off meanwhile. Raises EventFailed, WaitTimeout.
    """
    before = wait_for_state(client, snapshot.machine_id, {READY, OFF}, waiter)
    power.ensure_off(client, snapshot.machine_id, waiter)
    path = f"{_path(snapshot.id)}/restore"
    body: Mapping[str, Any] = {"createSnapshotBeforeRestore": keep_present}
    answer = parse(SnapshotAnswer, client.post(path, body), f"POST {path}")
    wait_for_event(client, answer.event, waiter)
    if before.state == READY:
        return power.ensure_running(client, snapshot.machine_id, waiter)
    return wait_for_state(client, snapshot.machine_id, {OFF}, waiter)


def delete(client: PaperspaceClient, snapshot_id: str, waiter: Waiter) -> None:
    """Deletes it; one that is gone, also with its machine, is fine."""
    try:
        answer = client.delete(_path(snapshot_id))
    except NotFound:
        return
    wait_for_event(client, parse(SnapshotAnswer, answer, f"DELETE {PATH}").event, waiter)


def _named(client: PaperspaceClient, machine_id: str, name: str) -> Snapshot | None:
    own = (found for found in of_machine(client, machine_id) if not found.is_auto_snapshot)
    return next((found for found in own if found.name == name), None)


def _path(snapshot_id: str) -> str:
    return f"{PATH}/{segment(snapshot_id)}"
