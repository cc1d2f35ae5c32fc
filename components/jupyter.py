"""Jupyter on the machine's own localhost: a service that starts with the machine and takes one token."""

from __future__ import annotations

from collections.abc import Mapping

from components import guest_files
from components.step import Plan, Step
from components.step_component import StepComponent
from components.token import digest

NAME = "jupyter"


class Jupyter(StepComponent):
    """Configuration, token and systemd service."""

    TYPE = "fastai:paperspace:Jupyter"
    STEP = NAME
    SECRET = True


def jupyter_step(port: int, token: str) -> Step:
    """The step for Jupyter on `port`. The token travels on standard input; only its digest is in texts."""
    named = {"PORT": str(port), "TOKEN_DIGEST": digest(token)}
    common = guest_files.with_variables(guest_files.read("jupyter_common.sh"), named)
    body = common + guest_files.read("jupyter_apply.sh")

    def plan(_facts: Mapping[str, str]) -> Plan:
        shown = Plan("", body).version[:7]
        return Plan(f"jupyter: port {port}, token {named['TOKEN_DIGEST'][:7]}, set-up {shown}", body)

    return Step(NAME, common + guest_files.read("jupyter_check.sh"), plan, secrets=token)
