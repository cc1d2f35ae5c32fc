"""The startup script of a machine: always one, of the machine's own wire name. It runs at every boot."""

from __future__ import annotations

from provider.client import PaperspaceClient, segment
from provider.errors import BadRequest, Conflict, NotFound
from provider.firewall import past_a_firewall
from provider.models import StartupScript, parse
from provider.posting import post_once
from provider.waiting import Waiter

PATH = "/startup-scripts"


def named(client: PaperspaceClient, name: str) -> list[StartupScript]:
    """Scripts of exactly this name, oldest first."""
    found = [parse(StartupScript, item, f"GET {PATH}") for item in client.items(PATH, {"name": name})]
    own = [script for script in found if script.name == name and not script.dt_deleted]
    return sorted(own, key=lambda script: (script.dt_created or "", script.id))


def get(client: PaperspaceClient, script_id: str) -> StartupScript | None:
    """The script, or None where it is gone."""
    path = _path(script_id)
    try:
        return parse(StartupScript, client.get(path), f"GET {path}")
    except NotFound:
        return None


def ensure(client: PaperspaceClient, name: str, text: str, waiter: Waiter) -> str:
    """The id of the one script of this name, now with this text.

    Where two runs at once have made two, each keeps the older one.
    """
    present = named(client, name)
    if present:
        write(client, present[0].id, name, text)
    else:
        made = _create(client, name, text, waiter)
        present = named(client, name) or [made]
    oldest, *doubles = present
    for double in doubles:
        delete(client, double.id)
    return oldest.id


def _create(client: PaperspaceClient, name: str, text: str, waiter: Waiter) -> StartupScript:
    def look() -> StartupScript | None:
        return next(iter(named(client, name)), None)

    def post(sent: str) -> StartupScript:
        body = {"name": name, "script": sent, "isRunOnce": False}
        return parse(StartupScript, client.post(PATH, body), f"POST {PATH}")

    return past_a_firewall(lambda sent: post_once(lambda: post(sent), look, waiter), text)


def write(client: PaperspaceClient, script_id: str, name: str, text: str) -> None:
    """New name and text. Raises NotFound where it is gone."""
    past_a_firewall(lambda sent: client.put(_path(script_id), {"name": name, "script": sent}), text)


def assign(client: PaperspaceClient, script_id: str, machine_id: str, waiter: Waiter) -> None:
    """From the next boot on the script runs on the machine."""

    def look() -> bool | None:
        script = get(client, script_id)
        return True if script and machine_id in script.assigned_machine_ids else None

    def post() -> bool:
        client.post(f"{_path(script_id)}/assign", {"machineId": machine_id})
        return True

    post_once(post, look, waiter)


def delete(client: PaperspaceClient, script_id: str) -> None:
    """Deletes it; one that is gone is fine. One that is still assigned is unassigned first."""
    try:
        client.delete(_path(script_id))
    except NotFound:
        return
    except (BadRequest, Conflict):
        _unassign_all(client, script_id)
        client.delete(_path(script_id))


def _unassign_all(client: PaperspaceClient, script_id: str) -> None:
    script = get(client, script_id)
    for machine_id in script.assigned_machine_ids if script else []:
        client.post(f"{_path(script_id)}/unassign", {"machineId": machine_id})


def _path(script_id: str) -> str:
    return f"{PATH}/{segment(script_id)}"
