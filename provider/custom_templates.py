"""Templates made from a machine's disk: billed until deleted, and they outlive the machine."""

from __future__ import annotations

from provider import power
from provider.client import PaperspaceClient, segment
from provider.errors import NotFound, PaperspaceError
from provider.events import wait_for_event, wait_for_state
from provider.models import CustomTemplate, CustomTemplateAnswer, parse
from provider.posting import post_once
from provider.states import OFF, READY
from provider.waiting import Waiter

PATH = "/custom-templates"


def list_all(client: PaperspaceClient) -> list[CustomTemplate]:
    """Every template of the team that is not deleted."""
    found = [parse(CustomTemplate, item, f"GET {PATH}") for item in client.items(PATH)]
    return [template for template in found if not template.dt_deleted]


def get(client: PaperspaceClient, template_id: str) -> CustomTemplate | None:
    """The template, or None where it is gone."""
    path = _path(template_id)
    try:
        found = parse(CustomTemplate, client.get(path), f"GET {path}")
    except NotFound:
        return None
    return None if found.dt_deleted else found


def create(client: PaperspaceClient, machine_id: str, name: str, waiter: Waiter) -> CustomTemplate:
    """The machine's template of this name, made unless it is there.

    The machine must be off (paperspace-api.md 1.5): a running one is stopped, and started again also when the
    template fails; a start that fails is only told, for state must hear of the template, which is billed.
    Raises EventFailed, WaitTimeout.
    """
    present = _named(client, machine_id, name)
    if present:
        return present
    before = wait_for_state(client, machine_id, {READY, OFF}, waiter)
    power.ensure_off(client, machine_id, waiter)
    try:
        return _create_from_off(client, machine_id, name, waiter)
    finally:
        if before.state == READY:
            _start_again(client, machine_id, waiter)


def _start_again(client: PaperspaceClient, machine_id: str, waiter: Waiter) -> None:
    try:
        power.ensure_running(client, machine_id, waiter)
    except PaperspaceError as failure:
        waiter.warn(f"machine {machine_id} was stopped for its template and does not run again: {failure}")


def rename(client: PaperspaceClient, template_id: str, name: str) -> None:
    """PUT /custom-templates/{id}. Raises NotFound."""
    client.put(_path(template_id), {"name": name})


def delete(client: PaperspaceClient, template_id: str) -> None:
    """Deletes it; one that is gone is fine."""
    try:
        client.delete(_path(template_id))
    except NotFound:
        return


def _create_from_off(client: PaperspaceClient, machine_id: str, name: str, waiter: Waiter) -> CustomTemplate:
    def look() -> CustomTemplateAnswer | None:
        found = _named(client, machine_id, name)
        return CustomTemplateAnswer(data=found) if found else None

    def post() -> CustomTemplateAnswer:
        body = {"name": name, "machineId": machine_id}
        return parse(CustomTemplateAnswer, client.post(PATH, body), f"POST {PATH}")

    answer = post_once(post, look, waiter)
    wait_for_event(client, answer.event, waiter)
    return answer.data


def _named(client: PaperspaceClient, machine_id: str, name: str) -> CustomTemplate | None:
    found = [
        parse(CustomTemplate, item, f"GET {PATH}")
        for item in client.items(PATH, {"name": name, "machineId": machine_id})
    ]
    own = (known for known in found if known.name == name and known.parent_machine_id == machine_id)
    return next((known for known in own if not known.dt_deleted), None)


def _path(template_id: str) -> str:
    return f"{PATH}/{segment(template_id)}"
