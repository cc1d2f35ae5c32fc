"""update(): from the machine as it is to the machine as wanted, in place.

What is to be done is taken from the API's present answer, not from state, so that repeating it after a
failure is safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider import machines, power, public_ips, startup_scripts
from provider.access import share
from provider.client import PaperspaceClient
from provider.errors import ApiError, MachineGone, NotApplied, NotFound
from provider.events import LAG_SECONDS, wait_for_address, wait_for_event, wait_for_state
from provider.inputs import MachineInputs
from provider.models import Machine
from provider.outputs import Properties, outputs_of, static_ips_in, static_ips_of
from provider.reconciliation import differing
from provider.states import OFF, READY, STABLE
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
        if machines.is_gone(client, machine_id):
            raise MachineGone(machine_id) from failure
        raise
    _release_lost_addresses(client, machine, olds)
    return outputs_of(
        machine,
        news,
        api_url=client.url,
        team_id=olds.get("team_id"),
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
    if machine.public_ip_type == "static" and inputs.public_ip_type != "static":
        _release_addresses(client, machine)
    if body:
        put = _put_while_off if RESIZING & body.keys() else _put
        put(client, machine, body, waiter)
        machine = _applied(client, machine_id, inputs, waiter)
    share(client, machine_id, inputs.accessors, before.accessors if before else [], waiter)
    if machine.state != (READY if inputs.wants_running else OFF):
        bring = power.ensure_running if inputs.wants_running else power.ensure_off
        machine = bring(client, machine_id, waiter)
    return wait_for_address(client, machine, waiter)


def _put_while_off(client: PaperspaceClient, machine: Machine, body: dict[str, Any], waiter: Waiter) -> None:
    """A machine that ran runs again where the change is refused; else the caller sees to its power."""
    power.ensure_off(client, machine.id, waiter)
    try:
        _put(client, machine, body, waiter)
    except ApiError:
        if machine.state == READY:
            power.ensure_running(client, machine.id, waiter)
        raise


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
