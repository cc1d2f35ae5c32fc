"""The calls of the API on machines and their events, typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provider.client import PaperspaceClient, segment
from provider.errors import NotFound, UnexpectedAnswer
from provider.models import Accessor, Availability, Machine, MachineAnswer, MachineEvent, parse
from provider.regions import region_code


def get(client: PaperspaceClient, machine_id: str) -> Machine:
    """The machine. Raises NotFound, also for one that only lingers in the API after its deletion."""
    path = f"/machines/{segment(machine_id)}"
    machine = parse(Machine, client.get(path), f"GET {path}")
    if machine.dt_deleted:
        raise NotFound(404, "NOT_FOUND", f"deleted at {machine.dt_deleted}", "GET", path)
    return machine


def find(client: PaperspaceClient, machine_id: str) -> Machine | None:
    """The machine, or None where it is gone. One answer 404 is not believed while the list still has it.

    Raises UnexpectedAnswer where the two contradict each other.
    """
    try:
        return get(client, machine_id)
    except NotFound as failure:
        listed = (parse(Machine, item, "GET /machines") for item in client.items("/machines"))
        if any(machine.id == machine_id and not machine.dt_deleted for machine in listed):
            text = f"GET /machines still lists machine {machine_id}, but {failure}; run the command again"
            raise UnexpectedAnswer(text, status=failure.status) from failure
    return None


def is_gone(client: PaperspaceClient, machine_id: str) -> bool:
    """Whether the machine does not exist any more."""
    try:
        get(client, machine_id)
    except NotFound:
        return True
    return False


def named(client: PaperspaceClient, name: str) -> list[Machine]:
    """Living machines of exactly this name, oldest first (the API's own filter may be partial)."""
    found = [parse(Machine, item, "GET /machines") for item in client.items("/machines", {"name": name})]
    living = [machine for machine in found if machine.name == name and not machine.dt_deleted]
    return sorted(living, key=lambda machine: (machine.dt_created or "", machine.id))


def create(client: PaperspaceClient, body: Mapping[str, Any]) -> MachineAnswer:
    """POST /machines."""
    return parse(MachineAnswer, client.post("/machines", body), "POST /machines")


def update(client: PaperspaceClient, machine_id: str, body: Mapping[str, Any]) -> MachineAnswer:
    """PUT /machines/{id}."""
    path = f"/machines/{segment(machine_id)}"
    return parse(MachineAnswer, client.put(path, body), f"PUT {path}")


def delete(client: PaperspaceClient, machine_id: str) -> None:
    """DELETE /machines/{id}. The answer is not read: whether the machine is gone is looked up anyway."""
    client.delete(f"/machines/{segment(machine_id)}")


def switch(client: PaperspaceClient, machine_id: str, verb: str) -> MachineAnswer:
    """PATCH /machines/{id}/start or /stop."""
    path = f"/machines/{segment(machine_id)}/{verb}"
    return parse(MachineAnswer, client.patch(path), f"PATCH {path}")


def event(client: PaperspaceClient, event_id: str) -> MachineEvent:
    """One event."""
    path = f"/machine-events/{segment(event_id)}"
    return parse(MachineEvent, client.get(path), f"GET {path}")


def is_available(client: PaperspaceClient, label: str, region: str) -> bool:
    """Whether the API has capacity for the type (its label in requests) in the region now."""
    query = {"machineType": label, "region": region_code(region)}
    answer = client.get("/machine-availability", query)
    return parse(Availability, answer, "GET /machine-availability").available


def accessors(client: PaperspaceClient, machine_id: str) -> Iterator[str]:
    """User ids that may use the machine."""
    path = f"/machines/{segment(machine_id)}/accessors"
    for item in client.items(path):
        accessor = parse(Accessor, item, f"GET {path}")
        if not accessor.dt_deleted:
            yield accessor.user.id


def add_accessor(client: PaperspaceClient, machine_id: str, user_id: str) -> None:
    """POST /machines/{id}/accessors."""
    client.post(f"/machines/{segment(machine_id)}/accessors", {"userId": user_id})


def remove_accessor(client: PaperspaceClient, machine_id: str, user_id: str) -> None:
    """DELETE /machines/{id}/accessors/{userId}; one that is not there is fine."""
    try:
        client.delete(f"/machines/{segment(machine_id)}/accessors/{segment(user_id)}")
    except NotFound:
        return
