"""The life of one machine against the sandbox, as Pulumi would call it, each call in its own short time."""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from typing import Any

from provider import adoption, kept_addresses, lifecycle, machines
from provider.checks import canonical
from provider.client import PaperspaceClient
from provider.errors import NotFound
from provider.outputs import Properties
from sandbox.paperspace.state.faults import FaultKind
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.machine_inputs import MACHINE
from tests.provider.fake_time import FakeTime

ANNA, BEN = "uanna0001", "uben00002"
"""Members of the sandbox's team."""


def inputs(**changes: Any) -> dict[str, Any]:
    """Canonical inputs, as check() hands them on."""
    checked, problems = canonical({**MACHINE, **changes})
    assert problems == []
    return checked


class Life:
    """Calls the life-cycle functions; `id` and `outputs` are what Pulumi's state would hold."""

    def __init__(self, client: PaperspaceClient, sandbox: Sandbox) -> None:
        self.client = client
        self.sandbox = sandbox
        self.time = FakeTime()
        self.id: str | None = None
        self.outputs: Properties = {}
        self._requests_before = Counter(sandbox.state()["requests"])

    def create(self, **changes: Any) -> dict[str, Any]:
        self.id, self.outputs = lifecycle.make(self.client, inputs(**changes), self.time.waiter())
        return self.machine()

    def update(self, **changes: Any) -> dict[str, Any]:
        assert self.id
        news = inputs(**changes)
        self.outputs = lifecycle.update(self.client, self.id, self.outputs, news, self.time.waiter())
        return self.machine()

    def refresh(self) -> Properties | None:
        """The inputs that a refresh finds, or None where the machine is gone."""
        assert self.id
        found = lifecycle.read(self.client, self.id, self.outputs, self.time.waiter())
        if found is None:
            self.id, self.outputs = None, {}
            return None
        self.outputs, observed = found
        return observed

    def delete(self) -> None:
        assert self.id
        lifecycle.delete(self.client, self.id, self.outputs, self.time.waiter())
        self.id, self.outputs = None, {}

    def delete_in_a_new_process(self) -> None:
        """A destroy after the run that created or adopted."""
        adoption.forget_all()
        self.delete()

    def replace_and_keep_address(self, **changes: Any) -> str:
        """Leaves a new machine, and the old one's address, which nobody has."""
        ip = str(self.create()["publicIp"])
        kept_addresses.keep(ip)
        self.delete_in_a_new_process()
        kept_addresses.forget_all()
        assert self.addresses == {ip: None}
        self.create(**changes)
        return ip

    def take_over(self, ip: str) -> str:
        return kept_addresses.move(self.client, ip, str(self.id), self.time.waiter())

    @property
    def addresses(self) -> dict[str, str | None]:
        """By static address, the machine that has it."""
        return {found["ip"]: found.get("assignedMachineId") for found in self.public_ips}

    def machine(self) -> dict[str, Any]:
        """The machine of the present id, as the sandbox has it."""
        [found] = [machine for machine in self.machines if machine["id"] == self.id]
        return found

    def settle(self) -> None:
        """Lets whatever is under way in the sandbox come to its end."""
        for _ in range(5):
            with contextlib.suppress(NotFound):
                machines.get(self.client, str(self.id))

    @property
    def machines(self) -> list[dict[str, Any]]:
        return list(self.sandbox.state()["machines"])

    @property
    def public_ips(self) -> list[dict[str, Any]]:
        return list(self.sandbox.state()["public_ips"])

    @property
    def startup_scripts(self) -> list[dict[str, Any]]:
        return list(self.sandbox.state()["startup_scripts"])

    @property
    def requests(self) -> Counter[str]:
        """Requests by operation since this life began."""
        return Counter(self.sandbox.state()["requests"]) - self._requests_before

    def fault(self, operation: str, kind: FaultKind, **details: Any) -> None:
        self.sandbox.add_fault(operation, kind, **details)

    def faults_left(self) -> int:
        return sum(fault["left"] for fault in self.sandbox.faults())

    def assert_world_holds_only_what_state_says(self) -> None:
        """No machine, address or script but those of the recorded machine; and those are all there."""
        assert [machine["id"] for machine in self.machines] == ([self.id] if self.id else [])
        scripts = [script["id"] for script in self.startup_scripts]
        assert scripts == ([self.outputs["startup_script_id"]] if self.id else [])
        is_static = self.outputs.get("public_ip_type") == "static"
        assert [ip["ip"] for ip in self.public_ips] == ([self.outputs["public_ip"]] if is_static else [])

    def assert_world_is_as_state_says(self) -> None:
        """As above, and the machine is in the recorded state, at the recorded address."""
        self.assert_world_holds_only_what_state_says()
        if self.id:
            machine = self.machine()
            recorded = (self.outputs["state"], self.outputs.get("public_ip"))
            assert (machine["state"], machine["publicIp"]) == recorded


def text_digest(script: str) -> str:
    """As the sandbox shows a script: its text may hold secrets."""
    return hashlib.sha256(script.encode()).hexdigest()


def empty(sandbox: Sandbox, client: PaperspaceClient) -> None:
    """As if newly started: nothing there, no faults, the settings of the first day."""
    sandbox.clear_faults()
    sandbox.change_settings(**SandboxSettings(clock="reads", reads=0).model_dump())
    state = sandbox.state()
    for capacity in state["capacities"]:
        sandbox.set_capacity(capacity["machineType"], capacity["region"])
    for noun in ("machines", "startup_scripts", "custom_templates"):
        for item in state[noun]:
            client.delete(f"/{noun.replace('_', '-')}/{item['id']}")
    sandbox.settle()
    for ip in sandbox.state()["public_ips"]:
        client.delete(f"/public-ips/{ip['ip']}")
    for network in state["private_networks"]:
        client.delete(f"/private-networks/{network['id']}")
    sandbox.change_settings(reads=1)
