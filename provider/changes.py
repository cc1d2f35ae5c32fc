"""update(): from the machine as it is to the machine as wanted, in place.

What is to be done is taken from the API's present answer, not from state, so that repeating it after a
failure is safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider import machines, power, public_ips, startup_scripts
from provider.access import share
from provider.catalog import machine_type_label, same_family
from provider.client import PaperspaceClient
from provider.errors import InvalidInput, MachineGone, NotApplied, NotFound
from provider.events import LAG_SECONDS, OFF, READY, STABLE, wait_for_address, wait_for_event, wait_for_state
from provider.inputs import MachineInputs
from provider.models import Machine
from provider.ordering import auto_shutdown_body, auto_snapshot_body
from provider.outputs import (
    Properties,
    auto_shutdown_of,
    auto_snapshot_of,
    disk_size_of,
    machine_type_of,
    outputs_of,
    static_ips_in,
    static_ips_of,
)
from provider.waiting import Waiter

RESIZING = frozenset({"machineType", "diskSize"})
"""Only possible while the machine is off (paperspace-api.md 1.5)."""


def update(
    client: PaperspaceClient,
    machine_id: str,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    waiter: Waiter,
) -> Properties:
    """The new outputs. Raises MachineGone, NotApplied, InvalidInput and whatever the API answers."""
    inputs, before = MachineInputs.model_validate(dict(news)), MachineInputs.model_validate(dict(olds))
    try:
        script_id = _keep_script(client, machine_id, olds, inputs, waiter)
        machine = converge(client, machine_id, inputs, waiter, before=before)
    except NotFound as failure:
        if _is_gone(client, machine_id):
            raise MachineGone(machine_id) from failure
        raise
    _release_lost_addresses(client, machine, olds)
    return outputs_of(
        machine,
        news,
        api_url=client.url,
        template_id=olds.get("template_id"),
        startup_script_id=script_id,
    )


def converge(
    client: PaperspaceClient,
    machine_id: str,
    inputs: MachineInputs,
    waiter: Waiter,
    *,
    before: MachineInputs | None = None,
) -> Machine:
    """One PUT with all that differs, around it a stop where the size changes, then the power as wanted."""
    machine = wait_for_state(client, machine_id, STABLE, waiter)
    body = differing(machine, inputs)
    if RESIZING & body.keys():
        machine = power.ensure_off(client, machine_id, waiter)
    if machine.public_ip_type == "static" and inputs.public_ip_type != "static":
        _release_addresses(client, machine)
    if body:
        _put(client, machine, body, waiter)
        machine = _applied(client, machine_id, inputs, waiter)
    share(client, machine_id, inputs.accessors, before.accessors if before else [], waiter)
    if machine.state != (READY if inputs.wants_running else OFF):
        bring = power.ensure_running if inputs.wants_running else power.ensure_off
        machine = bring(client, machine_id, waiter)
    return wait_for_address(client, machine, waiter)


def differing(machine: Machine, inputs: MachineInputs) -> dict[str, Any]:
    """The body of PUT /machines/{id} that makes the machine as wanted; empty where it is."""
    body: dict[str, Any] = {}
    if machine.name != inputs.wire_name:
        body["name"] = inputs.wire_name
    if machine.public_ip_type != inputs.public_ip_type:
        body["publicIpType"] = inputs.public_ip_type
    if inputs.network and machine.network_id != inputs.network:
        body["networkId"] = inputs.network
    if auto_snapshot_of(machine) != inputs.auto_snapshot.model_dump(exclude=_unused(inputs)):
        body |= auto_snapshot_body(inputs.auto_snapshot)
    if auto_shutdown_of(machine) != inputs.auto_shutdown.model_dump():
        body |= auto_shutdown_body(inputs.auto_shutdown)
    return body | _new_size(machine, inputs)


def _unused(inputs: MachineInputs) -> set[str]:
    return set() if inputs.auto_snapshot.enabled else {"frequency", "keep"}


def _new_size(machine: Machine, inputs: MachineInputs) -> dict[str, Any]:
    body: dict[str, Any] = {}
    present = machine_type_of(machine)
    if present not in inputs.machine_types:
        family = (wanted for wanted in inputs.machine_types if same_family(present, wanted))
        body["machineType"] = machine_type_label(next(family, inputs.machine_types[0]))
    size = disk_size_of(machine)
    if size is not None and size > inputs.disk_size:
        text = f"disk_size: machine {machine.id} has {size} GB and cannot shrink; set disk_size to {size}"
        raise InvalidInput(text)
    if size is not None and size < inputs.disk_size:
        body["diskSize"] = inputs.disk_size
    return body


def _is_gone(client: PaperspaceClient, machine_id: str) -> bool:
    try:
        machines.get(client, machine_id)
    except NotFound:
        return True
    return False


def _put(client: PaperspaceClient, machine: Machine, body: dict[str, Any], waiter: Waiter) -> None:
    waiter.report(f"machine {machine.id}: changing {', '.join(sorted(body))}")
    if machine.auto_shutdown_enabled and body.get("autoShutdownEnabled"):
        # New hours alone may not be taken: off, then on with the new value (paperspace-api.md 1.5).
        _put_and_wait(client, machine.id, {"autoShutdownEnabled": False}, waiter)
    _put_and_wait(client, machine.id, body, waiter)


def _put_and_wait(client: PaperspaceClient, machine_id: str, body: dict[str, Any], waiter: Waiter) -> None:
    wait_for_event(client, machines.update(client, machine_id, body).event, waiter)


def _applied(client: PaperspaceClient, machine_id: str, inputs: MachineInputs, waiter: Waiter) -> Machine:
    """The machine once nothing differs any more. Raises NotApplied where something still does."""
    machine = wait_for_state(client, machine_id, STABLE, waiter)
    if not differing(machine, inputs):
        return machine
    waiter.sleep(LAG_SECONDS)
    machine = wait_for_state(client, machine_id, STABLE, waiter)
    left = differing(machine, inputs)
    if left:
        text = (
            f"machine {machine.id}: Paperspace accepted the change and did not make it: "
            f"{', '.join(sorted(left))}; change it in the console, or set the input back"
        )
        raise NotApplied(text)
    return machine


def _release_addresses(client: PaperspaceClient, machine: Machine) -> None:
    """Before the type changes: afterwards nobody could tell whose address it was, yet it is billed."""
    for ip in public_ips.held_by(client, machine.id, ()):
        public_ips.release(client, ip)


def _release_lost_addresses(client: PaperspaceClient, machine: Machine, olds: Mapping[str, Any]) -> None:
    """Static addresses that somebody took from the machine and left claimed."""
    lost = set(static_ips_in(olds)) - set(static_ips_of(machine, {}))
    for ip in public_ips.abandoned(client, lost) if lost else []:
        public_ips.release(client, ip)


def _keep_script(
    client: PaperspaceClient,
    machine_id: str,
    olds: Mapping[str, Any],
    inputs: MachineInputs,
    waiter: Waiter,
) -> str:
    """The script's id; rewritten where its text or name changed, made anew where it is gone."""
    script_id = olds.get("startup_script_id")
    before = MachineInputs.model_validate(dict(olds))
    if script_id and (before.startup_script, before.wire_name) == (inputs.startup_script, inputs.wire_name):
        return str(script_id)
    try:
        if script_id:
            startup_scripts.write(client, script_id, inputs.wire_name, inputs.startup_script)
            return str(script_id)
    except NotFound:
        waiter.report(f"startup script {script_id} is gone; making it anew")
    made = startup_scripts.ensure(client, inputs.wire_name, inputs.startup_script, waiter)
    startup_scripts.assign(client, made, machine_id, waiter)
    return made
