"""Take one case through its steps; write down each plan, exit code and checkpoint, and the world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.engine.command.machines import Machine
from tests.engine.conformance.cases import CASES, Step
from tests.engine.conformance.checkpoint import comparable, fixed_names
from tests.engine.conformance.stack import Stack

PLANNED = ("op", "urn", "diffReasons", "replaceReasons", "detailedDiff")


def outcome(name: str, executable: Path, directory: Path, machine: Machine) -> list[dict[str, Any]]:
    environment = {"MACHINE": _facts(machine), "TARGET": str(machine.home / "target")}
    stack = Stack(executable, directory, name, environment)
    names = local_names(directory, machine)
    made: set[str] = set()
    steps = []
    for text in CASES[name]:
        step = Step.parse(text)
        if step.stack not in made:
            stack.create(step.stack)
            made.add(step.stack)
        steps.append({"step": text, **take(stack, step, names)})
    return steps


def local_names(directory: Path, machine: Machine) -> dict[str, str]:
    return {
        str(directory): "DIRECTORY",
        str(machine.home): "HOME",
        machine.key: "KEY",
        machine.host_key: "HOST_KEY",
        str(machine.port): "11111",
    }


def _facts(machine: Machine) -> str:
    return json.dumps({"port": machine.port, "key": machine.key, "host_key": machine.host_key})


def take(stack: Stack, step: Step, names: dict[str, str]) -> dict[str, Any]:
    if step.operation == "drift":
        return {"world": _drift(stack.project / "world.json")}
    found: dict[str, Any] = {}
    if step.operation in ("plan", "up"):
        found["plan"] = fixed_names(plan(stack.preview(step.function, *step.flags)), names)
    if step.operation == "plan":
        return found
    command = "up" if step.operation == "do" else step.operation
    result = stack.run(command, "--yes", "--skip-preview", *step.flags, step=step.function)
    found["exit_code"] = result.exit_code
    found["checkpoint"] = comparable(stack.state(step.stack), names)
    found["world"] = world(stack.project / "world.json")
    return found


def plan(preview: dict[str, Any]) -> dict[str, Any]:
    steps = [_planned(step) for step in preview.get("steps", [])]
    return {
        "exit_code": preview["exit_code"],
        "steps": sorted(steps, key=json.dumps),
        "summary": preview.get("changeSummary"),
    }


def _planned(step: dict[str, Any]) -> dict[str, Any]:
    """The operation with its reasons, and the inputs and outputs that are expected of what changes."""
    facts = {key: _sorted(step[key]) for key in PLANNED if step.get(key)}
    if step["op"] not in ("same", "delete"):
        facts |= {key: step.get("newState", {}).get(key) for key in ("inputs", "outputs")}
    return facts


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def world(path: Path) -> dict[str, Any]:
    """What there is, and the calls since the last look (in no order: some run side by side)."""
    if not path.exists():
        return {}
    state = json.loads(path.read_text())
    calls = sorted(state["calls"])
    path.write_text(json.dumps({**state, "calls": []}))
    return {"things": state["things"], "calls": calls}


def _drift(path: Path) -> dict[str, Any]:
    """Every first thing grows, every second one vanishes."""
    state = json.loads(path.read_text())
    things = {key: thing for key, thing in state["things"].items() if not key.startswith("second")}
    for key, thing in things.items():
        if key.startswith("first"):
            thing["size"] = 7
    path.write_text(json.dumps({**state, "things": things}))
    return world(path)
