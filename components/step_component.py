"""What every step is to Pulumi: a component with one command in it."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from components import step
from components.step import Run


class StepComponent(pulumi.ComponentResource):
    """A subclass names its type in state, its step, and whether the step's output may hold secrets."""

    TYPE: ClassVar[str]
    STEP: ClassVar[str]
    SECRET: ClassVar[bool] = False

    def __init__(
        self,
        run: pulumi.Output[Run],
        machine_id: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(self.TYPE, self.STEP, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.command = step.command(self.STEP, run, machine_id, inside, secret=self.SECRET)
        self.register_outputs({})
