"""Every request that the client can send is as the official OpenAPI document has it."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from types import ModuleType

import pytest

from provider import account, custom_templates, machines, public_ips, snapshots, startup_scripts, templates
from provider.client import PaperspaceClient
from provider.errors import PaperspaceError
from provider.inputs import AutoShutdown, AutoSnapshot, MachineInputs
from provider.models import Machine, OsTemplate, Snapshot
from provider.ordering import Order, create_body
from provider.reconciliation import differing
from tests.provider import openapi
from tests.provider.fake_time import FakeTime
from tests.provider.scripted_api import Answer, Request, ScriptedApi

pytestmark = pytest.mark.skipif(
    not openapi.DOCUMENT.exists(), reason=f"the official document is not at {openapi.DOCUMENT}"
)

INPUTS = MachineInputs(
    name="ada",
    identity="SHA256:1",
    machine_types=["M4000"],
    regions=["East Coast (NY2)"],
    template="fast.ai",
    disk_size=100,
    auto_snapshot=AutoSnapshot(enabled=True, frequency="weekly", keep=2),
    auto_shutdown=AutoShutdown(hours=24, force=True),
    network="nx1",
    accessors=["u1"],
)
PLAIN = INPUTS.model_copy(
    update={"auto_snapshot": AutoSnapshot(), "auto_shutdown": AutoShutdown(hours=0), "accessors": []}
)
TEMPLATE = OsTemplate(id="tzd1e8km", name="fast.ai")
OTHER = Machine(id="ps1", name="b", state="off", machine_type="P4000", storage_total=50 * 2**30)
SNAPSHOT = Snapshot(id="sl1", machine_id="ps1")
WAITER = FakeTime().waiter()

Call = Callable[[PaperspaceClient], object]


def order_of(inputs: MachineInputs) -> Call:
    body = create_body(Order(inputs, TEMPLATE, "sc1"), "M4000", "East Coast (NY2)")
    return lambda client: machines.create(client, body)


CALLS: dict[str, Call] = {
    "machines.get": lambda client: machines.get(client, "ps1"),
    "machines.find": lambda client: machines.find(client, "ps1"),
    "machines.is_gone": lambda client: machines.is_gone(client, "ps1"),
    "machines.named": lambda client: machines.named(client, "ada"),
    "machines.create": order_of(INPUTS),
    "machines.create plain": order_of(PLAIN),
    "machines.update": lambda client: machines.update(client, "ps1", differing(OTHER, INPUTS)),
    "machines.update plain": lambda client: machines.update(client, "ps1", {"autoShutdownEnabled": False}),
    "machines.delete": lambda client: machines.delete(client, "ps1"),
    "machines.switch": lambda client: machines.switch(client, "ps1", "start"),
    "machines.switch stop": lambda client: machines.switch(client, "ps1", "stop"),
    "machines.event": lambda client: machines.event(client, "ev1"),
    "machines.is_available": lambda client: machines.is_available(client, "GPU+", "East Coast (NY2)"),
    "machines.accessors": lambda client: list(machines.accessors(client, "ps1")),
    "machines.add_accessor": lambda client: machines.add_accessor(client, "ps1", "u1"),
    "machines.remove_accessor": lambda client: machines.remove_accessor(client, "ps1", "u1"),
    "public_ips.held_by": lambda client: public_ips.held_by(client, "ps1", ()),
    "public_ips.abandoned": lambda client: public_ips.abandoned(client, {"127.0.0.9"}),
    "public_ips.find": lambda client: public_ips.find(client, "127.0.0.9"),
    "public_ips.assign": lambda client: public_ips.assign(client, "127.0.0.9", "ps1"),
    "public_ips.release": lambda client: public_ips.release(client, "127.0.0.9"),
    "startup_scripts.named": lambda client: startup_scripts.named(client, "ada"),
    "startup_scripts.get": lambda client: startup_scripts.get(client, "sc1"),
    "startup_scripts.ensure": lambda client: startup_scripts.ensure(client, "ada", "#!/bin/sh\n", WAITER),
    "startup_scripts.write": lambda client: startup_scripts.write(client, "sc1", "ada", ""),
    "startup_scripts.assign": lambda client: startup_scripts.assign(client, "sc1", "ps1", WAITER),
    "startup_scripts.delete": lambda client: startup_scripts.delete(client, "sc1"),
    "account.signed_in": account.signed_in,
    "account.origin": account.origin,
    "account.refuse_other_team": lambda client: account.refuse_other_team(client, "ps1", {"team_id": "t1"}),
    "snapshots.of_machine": lambda client: snapshots.of_machine(client, "ps1"),
    "snapshots.get": lambda client: snapshots.get(client, "sl1"),
    "snapshots.create": lambda client: snapshots.create(client, "ps1", "before", WAITER),
    "snapshots.rename": lambda client: snapshots.rename(client, "sl1", "before"),
    "snapshots.restore": lambda client: snapshots.restore(client, SNAPSHOT, WAITER),
    "snapshots.delete": lambda client: snapshots.delete(client, "sl1", WAITER),
    "custom_templates.list_all": custom_templates.list_all,
    "custom_templates.get": lambda client: custom_templates.get(client, "t1"),
    "custom_templates.create": lambda client: custom_templates.create(client, "ps1", "mine", WAITER),
    "custom_templates.rename": lambda client: custom_templates.rename(client, "t1", "mine"),
    "custom_templates.delete": lambda client: custom_templates.delete(client, "t1"),
    "templates.list_all": templates.list_all,
    "templates.find": lambda client: templates.find(client, "fast.ai"),
}
SENDERS = (account, custom_templates, machines, public_ips, snapshots, startup_scripts, templates)
OFF_MACHINE = {"id": "ps1", "name": "ada", "state": "off", "machineId": "ps1"}
ALL_ANSWERS_IN_ONE = Answer(
    {**OFF_MACHINE, "items": [], "hasMore": False, "assignedMachineIds": ["ps1"], "data": OFF_MACHINE}
)


def callers(module: ModuleType) -> set[str]:
    """The module's public functions that take a client: nothing else sends a request."""
    short = module.__name__.removeprefix("provider.")
    return {
        f"{short}.{name}"
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "client" in inspect.signature(function).parameters
    }


def test_no_function_that_sends_a_request_is_left_out() -> None:
    known = {name.partition(" ")[0] for name in CALLS}
    assert set().union(*map(callers, SENDERS)) == known


@pytest.mark.parametrize("name", CALLS)
def test_the_request_is_as_documented(name: str, api: ScriptedApi, client: PaperspaceClient) -> None:
    api.script(ALL_ANSWERS_IN_ONE)
    with contextlib.suppress(PaperspaceError):
        CALLS[name](client)
    assert api.requests
    assert [problem for request in api.requests for problem in openapi.problems(request)] == []


def test_unassigning_a_script_before_its_deletion_is_as_documented(
    api: ScriptedApi, client: PaperspaceClient
) -> None:
    refused = Answer({"code": "CONFLICT", "message": "assigned"}, 409)
    api.script(refused, ALL_ANSWERS_IN_ONE)
    startup_scripts.delete(client, "sc1")
    assert [problem for request in api.requests for problem in openapi.problems(request)] == []
    assert [request.method for request in api.requests] == ["DELETE", "GET", "POST", "DELETE"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/machines?limit=121", ""),
        ("GET", "/machines?nam=x", ""),
        ("GET", "/machine-availability?region=ny2", ""),
        ("POST", "/machines", '{"name": "x"}'),
        ("PUT", "/machines/a", '{"templateId": "x"}'),
        ("PATCH", "/machines/a/start", "{}"),
        ("GET", "/public-ips/1.2.3.4", ""),
    ],
)
def test_the_check_sees_what_is_not_as_documented(method: str, path: str, body: str) -> None:
    assert openapi.problems(Request(method, path, {}, body))
