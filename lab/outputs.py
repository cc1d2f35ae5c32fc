"""What `pulumi up` exported for one student's stack."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from lab import engine


class StackNotUp(Exception):
    """The stack does not exist or exports no workstation; the text names it and what to run."""


class Outputs(BaseModel):
    """The stack outputs of `__main__.py` that a student's own computer needs. Rates are in USD."""

    model_config = ConfigDict(extra="ignore")

    machine_id: str
    machine_type: str
    region: str
    ssh_alias: str
    ssh_host: str
    ssh_port: int
    ssh_user: str
    known_hosts: str
    private_key: SecretStr
    ssh_config: str
    tunnel_command: str
    notebook_url: str
    notebook_port: int
    local_port: int
    notebook_token: SecretStr
    power: str = "running"
    """Missing where an older version of this project was the last to run `up`."""
    hourly_rate: float
    monthly_fixed: float
    monthly_estimate: float
    hours_per_week: int

    @property
    def is_stopped(self) -> bool:
        """By its configuration; a machine that should run may have stopped itself."""
        return self.power == "stopped"

    @property
    def way_to_start(self) -> str:
        stopped = "`pulumi config set power running`, then " if self.is_stopped else ""
        return f"{stopped}`make up`"


def read(stack: str, pulumi: Path | None = None) -> Outputs:
    """The outputs of `stack`. Raises StackNotUp, with Pulumi's own words where it gave any.

    `pulumi`: the executable, where it has been chosen already.
    """
    executable = str(pulumi or engine.choose())
    command = [executable, "stack", "output", "--json", "--show-secrets", "--stack", stack]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        message = f"stack {stack} could not be read: {result.stderr.strip()}"
        raise StackNotUp(message)
    return parse(stack, json.loads(result.stdout))


def parse(stack: str, exported: Mapping[str, Any]) -> Outputs:
    """The outputs of `stack`, secrets in clear. Raises StackNotUp where one is missing."""
    try:
        return Outputs.model_validate(exported)
    except ValidationError as invalid:
        missing = ", ".join(sorted(str(error["loc"][0]) for error in invalid.errors()))
        message = f"stack {stack} is not up (outputs missing: {missing}); run `pulumi up --stack {stack}`"
        raise StackNotUp(message) from None
