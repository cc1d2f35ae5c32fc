"""What the Paperspace account holds, asked of the API in a few calls however large the class is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provider.client import PaperspaceClient
from provider.models import Machine, PublicIp, StartupScript, parse

OURS = re.compile(r"fastai-(?P<student>[a-z0-9-]+)-[0-9a-f]{8}")
"""How the Workstation names a machine and its startup script: the stack, and a token."""

BILLED_STATES = frozenset({"ready", "starting", "stopping", "restarting", "upgrading", "provisioning"})
"""Off is the only state without hourly fees (paperspace-api.md 2.3)."""


@dataclass(frozen=True)
class Account:
    """Everything that may be billed."""

    machines: dict[str, Machine]
    public_ips: list[PublicIp]
    startup_scripts: list[StartupScript]


def read(client: PaperspaceClient) -> Account:
    """Raises provider.errors where any of the lists cannot be read whole: half a list would hide orphans."""
    machines = [parse(Machine, item, "GET /machines") for item in client.items("/machines")]
    ips = [parse(PublicIp, item, "GET /public-ips") for item in client.items("/public-ips")]
    scripts = [
        parse(StartupScript, item, "GET /startup-scripts") for item in client.items("/startup-scripts")
    ]
    living = {machine.id: machine for machine in machines if not machine.dt_deleted}
    return Account(living, ips, scripts)


def student_in(name: str) -> str | None:
    """Whose machine or script a name says it is; None where it is not one of ours."""
    match = OURS.fullmatch(name)
    return match["student"] if match else None
