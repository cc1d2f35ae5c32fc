"""What one sandbox does where the real service is slow, undecided or undocumented.

Every switch names its source in paperspace-api.md; those marked [INFER] there are guesses and stay switches.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0)]
ErrorCode = Literal[
    "BAD_REQUEST",
    "FORBIDDEN",
    "CONFLICT",
    "PRECONDITION_FAILED",
    "TOO_MANY_REQUESTS",
    "INTERNAL_SERVER_ERROR",
]


class SandboxSettings(BaseModel):
    """Delays, clock and switches. Frozen: a change makes a new one (`PUT /sandbox/settings`).

    Raises pydantic.ValidationError for an unknown name or a wrong value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Where it listens.
    port: int = Field(
        default=0, ge=0, le=65535, description="Port of the API on 127.0.0.1; 0 takes a free one."
    )
    ssh_port: int = Field(default=2222, ge=1, le=65535, description="Port of every machine's SSH server.")

    # Time.
    clock: Literal["seconds", "reads", "manual"] = Field(
        default="seconds",
        description="What moves a transition on: wall time, reads of the machine or its event, `advance`.",
    )
    reads: int = Field(
        default=2, ge=0, description="With clock `reads`: how many reads still see the old state."
    )
    provision: Seconds = Field(default=2.0, description="From create to `ready`.")
    start: Seconds = Field(default=1.0, description="From start to `ready`, also in a restart.")
    stop: Seconds = Field(default=0.5, description="From stop to `off`.")
    delete: Seconds = Field(default=0.5, description="How long a deleted machine stays readable (1.5).")
    restart_lag: Seconds = Field(
        default=0.5, description="How long a restarting machine still reads `ready` (1.5)."
    )
    upgrade: Seconds = Field(default=0.5, description="How long a change of machine type or disk size takes.")
    snapshot: Seconds = Field(default=0.5, description="How long a snapshot or a custom template takes.")

    # The wire.
    int64_as_strings: bool = Field(
        default=True, description="`ram`, `storageTotal`, … are decimal strings (1.3)."
    )
    end_of_pages: Literal["absent", "null", "empty"] = Field(
        default="absent", description="`nextPage` at the end (1.1)."
    )
    page_size: int = Field(
        default=10, ge=1, le=120, description="Items of a page when `limit` is not sent; not documented."
    )
    validation_errors: Literal["issues", "details"] = Field(
        default="issues",
        description="Where a 400 lists what is wrong: the official CLI parses the first (1.1).",
    )
    name_filter: Literal["partial", "exact"] = Field(
        default="partial", description="How `?name=` matches (1.5)."
    )
    machine_type_case: Literal["any", "exact"] = Field(
        default="any", description="`a4000` for `A4000` (1.5)."
    )

    # Behaviour of machines.
    redundant_power: Literal["error", "no-op"] = Field(
        default="error", description="Start while running, stop while off: 400, or nothing as in the old API."
    )
    in_guest_poweroff: Literal["stays-ready", "becomes-off"] = Field(
        default="stays-ready", description="What `sudo shutdown` on the machine does to its state (2.4)."
    )
    delete_while_running: bool = Field(
        default=True, description="Whether a running machine may be deleted (1.5)."
    )
    default_network: bool = Field(
        default=True, description="Without a network `networkId` is a default one (1.5)."
    )
    events_end_in_error_without_text: bool = Field(
        default=False, description="Successful events end as `error` with `error: null` (1.5)."
    )
    auto_shutdown_needs_toggle: bool = Field(
        default=True, description="A new timeout or force is lost unless it was disabled first (1.5)."
    )
    auto_shutdown_fires: bool = Field(
        default=True, description="Auto-shutdown stops the machine at its time (2.5)."
    )
    update_of_documented_limits: Literal["taken", "rejected"] = Field(
        default="taken",
        description="Auto-shutdown, auto-snapshot, address and network by PUT: taken as in the schema, "
        "or rejected as in the documentation (1.5).",
    )
    billed_while_off: bool = Field(
        default=False, description="Compute is billed while the machine is off (2.3)."
    )

    # Account and catalogue.
    max_machines: int = Field(default=100, ge=0, description="`team.maxMachines`, the quota.")
    approval_needed: frozenset[str] = Field(
        default=frozenset({"H100", "H100x8"}),
        description="Machine types that the account may not create yet (2.6).",
    )
    out_of_capacity: ErrorCode = Field(
        default="PRECONDITION_FAILED",
        description="Code of a create without capacity; the real one is unknown (2.6).",
    )
    list_ml_in_a_box: bool = Field(default=True, description="`/os-templates` lists ML-in-a-Box (2.9).")
    list_fast_ai: bool = Field(default=True, description="`/os-templates` lists Fast.ai (2.9: assume gone).")
    requests_per_minute: int = Field(
        default=0, ge=0, description="Above it 429 with Retry-After; 0 is no limit."
    )
    blocked_text: str = Field(
        default="",
        description="A body with this text gets Cloudflare's HTML 403; the real trigger is unknown (3).",
    )

    @classmethod
    def immediate(cls) -> Self:
        """No delay anywhere: transitions come due at once, still after the answer."""
        return cls(provision=0, start=0, stop=0, delete=0, restart_lag=0, upgrade=0, snapshot=0)

    @classmethod
    def manual(cls) -> Self:
        """Nothing moves until `Sandbox.advance`."""
        return cls(clock="manual")
