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
from lab.pulumi_command import Pulumi, Recorded
from provider import catalog, prices
from provider.errors import InvalidInput
from provider.models import Machine
from provider.outputs import hourly_rate, machine_type_of, monthly_fixed_of, region_of

SSH_PORT = 22


@dataclass(frozen=True)
class StudentMachine:
    """One student. `outputs` are empty until an `up` has finished; `machine` is None where none is there.

    declared_port: the file's, until the outputs say it.
    """

    student: Student
    outputs: dict[str, Any] = field(repr=False)
    machine: Machine | None
    estimate: Estimate | None
    idle_stop_minutes: int | None = None
    declared_port: int = SSH_PORT

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
    def is_unfinished(self) -> bool:
        """A machine, billed as any other, though no `up` has come to its end."""
        return self.machine is not None and not self.outputs

    @property
    def ssh_port(self) -> int:
        return int(self.outputs.get("ssh_port") or self.declared_port)

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
        return self.hourly_while_on if self.machine and self.machine.state in BILLED_STATES else 0.0

    @property
    def hourly_while_on(self) -> float:
        """USD an hour of the machine that there is, whether it runs or not; 0 where there is none."""
        if not self.machine:
            return 0.0
        return float(hourly_rate(self.machine) or self.outputs.get("hourly_rate") or 0.0)

    @property
    def monthly_fixed(self) -> float:
        """USD a month whether it runs or not; 0 where there is no machine."""
        if not self.machine:
            return 0.0
        by_file = self.estimate.off if self.estimate else 0.0
        return float(self.outputs.get("monthly_fixed") or monthly_fixed_of(self.machine) or by_file)

    @property
    def monthly_planned(self) -> float:
        """USD a month at the file's hours a week, of the machine that was had or else of the first type."""
        if not self.machine:
            return self.estimate.monthly if self.estimate else 0.0
        hours = self.estimate.hours_per_week if self.estimate else self.outputs.get("hours_per_week") or 0
        address = self.machine.public_ip_type or ""
        return prices.monthly_total(self.monthly_fixed, self.hourly_while_on, address, hours)


def gather(
    project: Project,
    pulumi: Pulumi,
    students: Sequence[Student],
    existing: dict[str, int],
    account: Account,
    parallel: int,
    show_secrets: bool = False,
) -> list[StudentMachine]:
    """In the students' order. Raises LabError if a stack cannot be read.

    show_secrets: with the keys that open the machines, which otherwise are masked.
    """

    def look(student: Student) -> tuple[dict[str, Any], Machine | None]:
        if not existing.get(student.name):
            return {}, None
        outputs = pulumi.outputs(student.name, show_secrets)
        exported = account.machines.get(str(outputs.get("machine_id")))
        return outputs, exported or held_by(pulumi.recorded(student.name), account)

    with ThreadPoolExecutor(max_workers=parallel) as pool:
        found = list(pool.map(look, students))
    files = [estimate.settings_of(project, student) for student in students]
    return [
        StudentMachine(
            student,
            outputs,
            machine,
            estimate.of_settings(settings) if settings else None,
            settings.idle_stop_minutes if settings else None,
            settings.ssh_port if settings else SSH_PORT,
        )
        for student, (outputs, machine), settings in zip(students, found, files, strict=True)
    ]


def held_by(recorded: Recorded, account: Account) -> Machine | None:
    """What a stack's state holds or ordered, the newest; for where its outputs name no machine that is there.

    A first `up` that failed or was cut off exports nothing, one that failed after a replacement exports the
    old machine; the state names what is billed all the same.
    """
    ours = [
        machine
        for machine in account.machines.values()
        if machine.id in recorded.machine_ids or machine.name in recorded.reserved_names
    ]
    return max(ours, key=lambda machine: machine.dt_created or "", default=None)
