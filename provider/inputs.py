"""What a machine is ordered with, typed. Pulumi hands over floats; here they are integers again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from provider.regions import same_region


class InputModel(BaseModel):
    """Frozen; unknown keys are outputs, and dropped. Errors hold no values: a script may hold secrets."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class AutoSnapshot(InputModel):
    """Snapshots that Paperspace takes: how often, and how many are kept."""

    enabled: bool = False
    frequency: str = "daily"
    keep: int = 1


class AutoShutdown(InputModel):
    """Paperspace's own stop after idle `hours`, 0 for never. `force`: even with a client connected."""

    hours: int = 8
    force: bool = False


class MachineInputs(InputModel):
    """The inputs of a Machine after checks.py: canonical spellings, sizes in GB."""

    name: str
    identity: str
    machine_types: list[str]
    regions: list[str]
    template: str
    disk_size: int = 50
    public_ip_type: str = "static"
    auto_snapshot: AutoSnapshot = AutoSnapshot()
    auto_shutdown: AutoShutdown = AutoShutdown()
    startup_script: str = ""
    network: str | None = None
    power: str = "running"
    accessors: list[str] = []
    adopt: str | None = None

    @property
    def wire_name(self) -> str:
        """The name at Paperspace, of the machine and of its startup script."""
        return wire_name(self.name, self.identity, self.template)

    @property
    def wants_running(self) -> bool:
        return self.power == "running"

    def allows(self, machine_type: str, region: str) -> bool:
        """Whether a machine of this type in this region is one that was asked for."""
        return machine_type in self.machine_types and any(
            same_region(region, allowed) for allowed in self.regions
        )


INPUT_NAMES = tuple(MachineInputs.model_fields)
REQUIRED = ("name", "identity", "machine_types", "regions", "template")


def identity_token(identity: str, template: str) -> str:
    """Tells this stack's machine from every other one of the same name, before its id is known."""
    return hashlib.sha256((identity + template).encode()).hexdigest()[:8]


def wire_name(name: str, identity: str, template: str) -> str:
    """`<name>-<token>`."""
    return f"{name}-{identity_token(identity, template)}"


def inputs_of(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs among inputs and outputs; what is not set is left out, as Pulumi's state does."""
    return {name: properties[name] for name in INPUT_NAMES if properties.get(name) is not None}
