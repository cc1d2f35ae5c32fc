"""The machine powers itself off when nobody uses it: components/guest/idle_stop.py under a systemd timer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from components import guest_files
from components.step import Plan, Step
from components.step_component import StepComponent

NAME = "idle-stop"
MODULES = ("idle_decision", "idle_sensors", "idle_stop")


class IdleStop(StepComponent):
    """Program, service, timer, and `keep-on` for people."""

    TYPE = "fastai:paperspace:IdleStop"
    STEP = NAME


def idle_stop_step(minutes: int, notebook_port: int) -> Step:
    """The step for a stop after `minutes` without use; 0 takes it away."""
    programs = {name: guest_files.read(f"{name}.py") for name in MODULES}
    digest = hashlib.sha256("".join(programs.values()).encode()).hexdigest()[:12]
    named = {"IDLE_MINUTES": str(minutes), "PORT": str(notebook_port), "PROGRAM_DIGEST": digest}
    common = guest_files.with_variables(guest_files.read("idle_common.sh"), named)
    body = common + modules(programs) + guest_files.read("idle_apply.sh")

    def plan(_facts: Mapping[str, str]) -> Plan:
        shown = f"after {minutes} min, program {digest[:7]}" if minutes else "off"
        return Plan(f"{NAME}: {shown}", body)

    return Step(NAME, common + guest_files.read("idle_check.sh"), plan)


def modules(programs: Mapping[str, str]) -> str:
    """The shell function `module NAME`."""
    cases = "".join(
        f"{name}) cat <<'END_OF_MODULE'\n{text}END_OF_MODULE\n;;\n" for name, text in programs.items()
    )
    return f"module() {{\ncase $1 in\n{cases}esac\n}}\n"
