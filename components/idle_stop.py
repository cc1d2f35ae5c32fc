"""The machine powers itself off when nobody uses it: components/guest/idle_stop.py under a systemd timer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from components import guest_files
from components.step import Plan, Step
from components.step_component import StepComponent

NAME = "idle-stop"
MODULES = ("idle_decision", "idle_files", "idle_sensors", "idle_stop")


@dataclass(frozen=True)
class IdleLimits:
    """When a machine powers itself off; 0 is no such limit. The meaning of each is in Pulumi.yaml."""

    idle_minutes: int = 60
    never_connected_minutes: int = 0
    max_uptime_hours: int = 0

    def __str__(self) -> str:
        """Such as "after 60 min idle, 30 min if nobody connects, 12 h in any case"."""
        idle = [f"after {self.idle_minutes} min idle"] if self.idle_minutes else []
        if self.idle_minutes and self.never_connected_minutes:
            idle.append(f"{self.never_connected_minutes} min if nobody connects")
        most = [f"{self.max_uptime_hours} h in any case"] if self.max_uptime_hours else []
        return ", ".join([*idle, *most]) or "off"


class IdleStop(StepComponent):
    """Program, service, timer, and the command `idle-stop` for people."""

    TYPE = "fastai:paperspace:IdleStop"
    STEP = NAME


def idle_stop_step(limits: IdleLimits, notebook_port: int) -> Step:
    """The step for these limits; without any it takes the idle stop away."""
    programs = {name: guest_files.read(f"{name}.py") for name in MODULES}
    digest = hashlib.sha256("".join(programs.values()).encode()).hexdigest()[:12]
    named = {
        "IDLE_MINUTES": str(limits.idle_minutes),
        "NEVER_CONNECTED_MINUTES": str(limits.never_connected_minutes),
        "MAX_UPTIME_HOURS": str(limits.max_uptime_hours),
        "PORT": str(notebook_port),
        "PROGRAM_DIGEST": digest,
    }
    common = guest_files.with_variables(guest_files.read("idle_common.sh"), named)
    body = common + modules(programs) + guest_files.read("idle_apply.sh")
    shown = "off" if str(limits) == "off" else f"{limits}; program {digest[:7]}"

    def plan(_facts: Mapping[str, str]) -> Plan:
        return Plan(f"{NAME}: {shown}", body)

    return Step(NAME, common + guest_files.read("idle_check.sh"), plan)


def modules(programs: Mapping[str, str]) -> str:
    """The shell function `module NAME`."""
    cases = "".join(
        f"{name}) cat <<'END_OF_MODULE'\n{text}END_OF_MODULE\n;;\n" for name, text in programs.items()
    )
    return f"module() {{\ncase $1 in\n{cases}esac\n}}\n"
