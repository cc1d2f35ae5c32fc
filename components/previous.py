"""What the stack's state says of a step, for when the machine itself cannot be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import invoke, invoke_async
from pulumi_command import remote

from components.step import Run

READ = "pulumi:pulumi:readStackResourceOutputs"
Stored = Mapping[str, Mapping[str, Any]]
"""The outputs of every resource of the stack, by URN, secrets in clear."""
COMMAND_TYPE = "command:remote:Command"


async def outputs() -> Stored:
    """The present stack as last stored."""
    answer = await invoke_async(READ, this_stack())
    return {urn: resource["outputs"] for urn, resource in answer["outputs"].items()}


def present_outputs() -> Stored:
    """As `outputs`, for code that cannot wait for others."""
    answer = invoke(READ, this_stack()).value or {}
    return {urn: resource["outputs"] for urn, resource in answer["outputs"].items()}


def this_stack() -> dict[str, str]:
    return {"stackName": f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"}


def run_of(stored: Stored, name: str, machine_id: str) -> Run | None:
    """The stored inputs of the step's command, if it ran on this machine."""
    suffix = f"{COMMAND_TYPE}::{name}"
    for urn, command in stored.items():
        if urn.endswith(suffix) and command.get("triggers") == [machine_id]:
            return Run(connection_of(command["connection"]), command.get("create"), command.get("stdin"))
    return None


def connection_of(stored: Mapping[str, Any]) -> remote.ConnectionArgs:
    return remote.ConnectionArgs(
        host=stored["host"],
        port=stored["port"],
        user=stored["user"],
        private_key=stored["privateKey"],
        host_key=stored["hostKey"],
        dial_error_limit=stored["dialErrorLimit"],
        per_dial_timeout=stored["perDialTimeout"],
    )
