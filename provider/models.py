"""What the API answers (paperspace-api.md 1.3). Unknown fields are dropped; enumerations stay open strings.

`id` and what decides are required, all else may be missing or null. int64 values arrive as numbers or as
decimal strings (paperspace-api.md 1.3: clients that ran against the API decode strings).
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from provider.errors import UnexpectedAnswer

FINISHED_EVENT_STATES = frozenset({"done", "error", "cancelled"})


class ApiObject(BaseModel):
    """camelCase on the wire, snake_case here."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )


class MachineEvent(ApiObject):
    """One asynchronous operation."""

    id: str
    state: str
    name: str = "operation"
    machine_id: str | None = None
    dt_finished: str | None = None
    error: str | None = None

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED_EVENT_STATES

    @property
    def failure(self) -> str | None:
        """Why it failed. State `error` with no text but an end can be a success (paperspace-api.md 1.5)."""
        if self.error:
            return self.error
        if self.state == "cancelled" or (self.state == "error" and self.dt_finished is None):
            return f"the event ended as {self.state!r} without a reason"
        return None


class Accelerator(ApiObject):
    """One kind of GPU in the machine."""

    name: str = ""
    count: int = 1


class Machine(ApiObject):
    """`ram` and `storage_total` in bytes; `usage_rate` USD an hour and `storage_rate` USD a month [THIRD]."""

    id: str
    name: str
    state: str
    os: str | None = None
    machine_type: str = ""
    cpus: float | None = None
    ram: int | None = None
    storage_total: int | None = None
    accelerators: list[Accelerator] | None = None
    region: str = ""
    private_ip: str | None = None
    network_id: str | None = None
    public_ip: str | None = None
    public_ip_type: str | None = None
    auto_shutdown_enabled: bool = False
    auto_shutdown_timeout: float | None = None
    auto_shutdown_force: bool | None = None
    auto_snapshot_enabled: bool = False
    auto_snapshot_frequency: str | None = None
    auto_snapshot_save_count: int | None = None
    usage_rate: float | None = None
    storage_rate: float | None = None
    dt_created: str | None = None
    dt_deleted: str | None = None


class MachineAnswer(ApiObject):
    """The envelope of asynchronous operations: `event` is absent where nothing asynchronous happened."""

    event: MachineEvent | None = None
    data: Machine


class AvailableMachineType(ApiObject):
    """Whether a template runs on a machine type."""

    machine_type_label: str
    is_available: bool = True


class OsTemplate(ApiObject):
    """An operating system image. Ids stay the same while `name` changes with each rebuild (2.9)."""

    id: str
    name: str = ""
    operating_system_label: str = ""
    default_size_gb: int | None = None
    available_machine_types: list[AvailableMachineType] = []


class CustomTemplate(OsTemplate):
    """A template made from one of the team's machines; it can only be used in its region."""

    region: str = ""
    parent_machine_id: str | None = None
    dt_deleted: str | None = None


class CustomTemplateAnswer(ApiObject):
    """The envelope of creating a custom template."""

    event: MachineEvent | None = None
    data: CustomTemplate


class Snapshot(ApiObject):
    """A machine's disk at one moment. Whether it is finished is only in its event."""

    id: str
    name: str = ""
    machine_id: str
    is_auto_snapshot: bool = False


class SnapshotAnswer(ApiObject):
    """The envelope of creating, deleting and restoring a snapshot."""

    event: MachineEvent | None = None
    data: Snapshot


class Team(ApiObject):
    """The team that the API key belongs to."""

    id: str
    max_machines: int | None = None


class Session(ApiObject):
    """The answer of GET /auth/session for a valid key."""

    team: Team


class PublicIp(ApiObject):
    """A static address of the team; it outlives its machine and is billed until released."""

    ip: str
    region: str = ""
    assigned_machine_id: str | None = None


class StartupScript(ApiObject):
    """A script that runs at boot. The text is never returned."""

    id: str
    name: str = ""
    assigned_machine_ids: list[str] = []
    dt_created: str | None = None
    dt_deleted: str | None = None


class AccessorUser(ApiObject):
    """A member of the team."""

    id: str


class Accessor(ApiObject):
    """A member of the team who may use the machine."""

    user: AccessorUser
    dt_deleted: str | None = None


class Availability(ApiObject):
    """The answer of GET /machine-availability."""

    available: bool


Model = TypeVar("Model", bound=ApiObject)


def parse(model: type[Model], answer: Any, source: str) -> Model:
    """The typed object. Raises UnexpectedAnswer naming `source` and the fields that are wrong."""
    try:
        return model.model_validate(answer)
    except ValidationError as failure:
        wrong = ", ".join(".".join(map(str, problem["loc"])) or "all of it" for problem in failure.errors())
    text = f"{source}: the answer is no {model.__name__}; missing or wrong: {wrong}"
    raise UnexpectedAnswer(text)
