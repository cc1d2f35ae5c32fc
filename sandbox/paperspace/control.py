"""The sandbox's own controls, the same for a test in the process and for the admin routes."""

from __future__ import annotations

from typing import Any

from sandbox.paperspace.routes.operations import UNKNOWN, Operations
from sandbox.paperspace.routes.overview import overview
from sandbox.paperspace.scheduler import Scheduler
from sandbox.paperspace.state import account, machine_availability, machines, power
from sandbox.paperspace.state.errors import BadRequest
from sandbox.paperspace.state.faults import ANY, Fault, FaultAccount, Faults
from sandbox.paperspace.state.world import World
from sandbox.settings import SandboxSettings

SETTLED_WITHIN = 120.0
_FIXED = ("port", "ssh_port", "clock")


class Control:
    """What may be looked at and changed while the sandbox runs."""

    def __init__(self, world: World, scheduler: Scheduler, operations: Operations, faults: Faults) -> None:
        self._world, self._scheduler = world, scheduler
        self._operations, self._faults = operations, faults

    def state(self) -> dict[str, Any]:
        """Everything that the sandbox holds; see routes/overview.py for its shape."""
        return overview(self._world, self._operations)

    def mail(self) -> list[dict[str, str]]:
        """The password of each machine, as Paperspace e-mails it to the account's owner."""
        to = account.USERS[account.OWNER]["email"]
        known = machines.all_machines(self._world)
        return [{"to": to, "machineId": found.id, "password": found.password} for found in known]

    @property
    def operations(self) -> list[str]:
        """The operations of the API that are served, as "GET /machines/{id}"."""
        return self._operations.names

    @property
    def settings(self) -> SandboxSettings:
        return self._world.settings

    def change_settings(self, **changes: Any) -> SandboxSettings:
        """Raises pydantic.ValidationError, BadRequest for what cannot change while it runs."""
        present = self.settings.model_dump()
        if fixed := [name for name in _FIXED if changes.get(name, present[name]) != present[name]]:
            message = f"{', '.join(fixed)}: fixed when the sandbox starts"
            raise BadRequest(message)
        changed = SandboxSettings.model_validate(present | changes)
        with self._world.transaction():
            self._world.settings = changed
            self._world.database.set_fact("settings", changed.model_dump_json())
        return changed

    def plan_fault(self, fault: Fault) -> FaultAccount:
        """Raises BadRequest for an operation that does not exist."""
        method, _, path = fault.operation.partition(" ")
        if fault.operation not in (ANY, *self._operations.names) and self._is_unknown(method, path):
            message = f"operation: {fault.operation!r} is none of *, {', '.join(self._operations.names)}"
            raise BadRequest(message)
        return self._faults.add(fault)

    def _is_unknown(self, method: str, path: str) -> bool:
        return self._operations.find(method, f"/v1{path}") == UNKNOWN

    def faults(self) -> list[dict[str, Any]]:
        """Every planned fault with `used`, how often it happened, and `left`."""
        return [
            {"id": one.id, **one.fault.model_dump(), "used": one.used, "left": one.left}
            for one in self._faults.accounts()
        ]

    def clear_faults(self) -> None:
        self._faults.clear()

    def advance(self, seconds: float) -> bool:
        """Moves the clock on and waits for everything that comes due; False when it was not done in time."""
        self._world.clock.advance(seconds)
        self._world.database.set_fact("now", str(self._world.clock.now()))
        return self.settle()

    def settle(self, timeout: float = SETTLED_WITHIN) -> bool:
        """Waits until nothing is due or under way; False when that took longer than `timeout` seconds."""
        return self._scheduler.settle(timeout)

    def set_capacity(
        self, machine_type: str, region: str, *, available: bool = True, silent_failure: bool | int = False
    ) -> None:
        """silent_failure: True for every boot, or how many boots end `off` without an error.

        Raises BadRequest for an unknown machine type or region.
        """
        failures = None if silent_failure is True else int(silent_failure)
        machine_availability.set_capacity(
            self._world, machine_type, region, available=available, silent_failures=failures
        )

    def power_off(self, machine_id: str) -> None:
        """The machine stops by itself, and is off on return. Raises NotFound, Conflict, BadRequest."""
        power.stop_now(self._world, machine_id)
        self.settle()

    def powered_off_inside(self, machine_id: str) -> None:
        """Guests call this when a machine shut itself down."""
        power.powered_off_inside(self._world, machine_id)
