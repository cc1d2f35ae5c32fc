"""The grammar of life-cycle tests: steps, each with the planned action and what it leaves in the world.

The order to follow is create, again, update, revert, replace, drift, delete, absent (models.md 2).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tests.pulumi_stack import PulumiStack

Inputs = Mapping[str, Any]
State = Mapping[str, Any]
Action = Literal["create", "same", "update", "replace", "delete", "absent"]

PROGRAM = """\
import json
import pathlib

from provider.machine import Machine

inputs = json.loads(pathlib.Path("inputs.json").read_text())
if inputs is not None:
    Machine("machine", **inputs)
"""


class World(Protocol):
    """What the program acts on, asked directly and not through Pulumi's state."""

    def state(self) -> State: ...


@dataclass(frozen=True)
class Step:
    """One change of the program or of the world, the action that Pulumi plans for it, and the world after it.

    inputs: what the program declares; None where it no longer declares the machine.
    before: what happens in the world, behind Pulumi's back, before this step.
    """

    does: str
    inputs: Inputs | None
    plans: Action
    leaves: Callable[[State], None]
    before: Callable[[], None] = lambda: None


def run(steps: Sequence[Step], stack: PulumiStack, world: World) -> None:
    """Plays the steps in order; a failure names the step. A preview must not change the world."""
    for step in steps:
        step.before()
        (stack.folder / "inputs.json").write_text(json.dumps(step.inputs))
        before = world.state()
        planned = planned_action(stack)
        assert planned == step.plans, f"{step.does}: planned {planned}, not {step.plans}"
        assert unbilled(world.state()) == unbilled(before), f"{step.does}: the preview changed the world"
        stack.up()
        step.leaves(world.state())


def planned_action(stack: PulumiStack) -> str:
    """A preview lists what it looked at (`refresh`) and what it would do; what stays is in state only."""
    action = stack.plan().get("machine", "refresh")
    if action != "refresh":
        return action
    return "same" if "machine" in stack.resources() else "absent"


def unbilled(state: State) -> dict[str, Any]:
    """The state without its request counts, which every preview raises."""
    return {name: value for name, value in state.items() if name != "requests"}
