"""Each student's stack beside the machine that it declares: what `lab status`, `start` and `stop` go by."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from lab import estimate
from lab.account import BILLED_STATES, Account
from lab.estimate import Estimate
from lab.project import Project, Student
from lab.pulumi_command import Pulumi
from provider import catalog
from provider.errors import InvalidInput
from provider.models import Machine
from provider.outputs import hourly_rate, machine_type_of, region_of


@dataclass(frozen=True)
class StudentMachine:
    """One student. `outputs` are empty before the first `up`; `machine` is None where the API knows none."""

    student: Student
    outputs: dict[str, Any] = field(repr=False)
    machine: Machine | None
    estimate: Estimate | None
    idle_stop_minutes: int | None = None

    @property
    def machine_id(self) -> str:
        return self.machine.id if self.machine else str(self.outputs.get("machine_id") or "")

    @property
    def state(self) -> str:
        """The API's word, or why there is none."""
        if self.machine:
            return self.machine.state
        return "gone" if self.machine_id else "no machine"

    @property
    def machine_type(self) -> str:
        return machine_type_of(self.machine) if self.machine else str(self.outputs.get("machine_type") or "")

    @property
    def region(self) -> str:
        return region_of(self.machine) if self.machine else str(self.outputs.get("region") or "")

    @property
    def never_stops(self) -> str:
        """Which of the two guards against a forgotten machine is off while it runs; empty where none is."""
        if not self.machine or not self.hourly_now:
            return ""
        off = ["auto-shutdown"] * (not self.machine.auto_shutdown_enabled)
        off += ["idle stop"] * (self.idle_stop_minutes == 0)
        return f"{' and '.join(off)} off" if off else ""

    @property
    def region_code(self) -> str:
        """NY2 for East Coast (NY2); a region that is not known stays as it is."""
        try:
            return catalog.region_code(self.region).upper()
        except InvalidInput:
            return self.region

    @property
    def hourly_now(self) -> float:
        """USD an hour at this moment, disk and address aside."""
        if not self.machine or self.machine.state not in BILLED_STATES:
            return 0.0
        return float(hourly_rate(self.machine) or self.outputs.get("hourly_rate") or 0.0)

    @property
    def monthly_fixed(self) -> float:
        """USD a month whether it runs or not; 0 where there is no machine."""
        return float(self.outputs.get("monthly_fixed") or 0.0) if self.machine else 0.0

    @property
    def monthly_planned(self) -> float:
        """USD a month at the file's hours a week."""
        return self.estimate.monthly if self.estimate else 0.0


def gather(
    project: Project,
    pulumi: Pulumi,
    students: Sequence[Student],
    existing: dict[str, int],
    account: Account,
    parallel: int,
    show_secrets: bool = False,
) -> list[StudentMachine]:
    """In the students' order. Raises LabError if the outputs of a stack cannot be read.

    show_secrets: with the keys that open the machines, which otherwise are masked.
    """

    def outputs(student: Student) -> dict[str, Any]:
        return pulumi.outputs(student.name, show_secrets) if existing.get(student.name) else {}

    with ThreadPoolExecutor(max_workers=parallel) as pool:
        found = list(pool.map(outputs, students))
    files = [estimate.settings_of(project, student) for student in students]
    return [
        StudentMachine(
            student,
            known,
            account.machines.get(str(known.get("machine_id"))),
            estimate.of_settings(settings) if settings else None,
            settings.idle_stop_minutes if settings else None,
        )
        for student, known, settings in zip(students, found, files, strict=True)
    ]
