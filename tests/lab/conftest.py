"""A sandbox of Paperspace, and the outputs of a stack that is up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from lab.outputs import Outputs
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.components.guest import GuestHome
from tests.components.ssh_server import SshServer


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as world:
        yield world


@pytest.fixture(scope="session")
def private_key() -> str:
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()


@pytest.fixture
def outputs(private_key: str) -> Outputs:
    return Outputs.model_validate(
        {
            "machine_id": "psabc",
            "machine_type": "GPU+",
            "region": "East Coast (NY2)",
            "ssh_alias": "fastai-dev",
            "ssh_host": "127.0.0.1",
            "ssh_port": 2222,
            "ssh_user": "paperspace",
            "known_hosts": "fastai-dev ssh-ed25519 AAAA",
            "private_key": private_key,
            "ssh_config": "Host fastai-dev\n    HostName 127.0.0.1\n",
            "tunnel_command": "ssh -N -L localhost:8888:localhost:8889 paperspace@127.0.0.1",
            "notebook_url": "http://localhost:8888/",
            "notebook_port": 8889,
            "local_port": 8888,
            "notebook_token": "secret-token",
            "hourly_rate": 0.45,
            "monthly_fixed": 8.0,
            "monthly_estimate": 27.57,
            "hours_per_week": 10,
        }
    )


@pytest.fixture
def guest(tmp_path: Path) -> GuestHome:
    """A machine that runs commands as they are, with nothing on it."""
    machine = GuestHome(tmp_path / "guest")
    (machine.home / ".ssh").mkdir(parents=True)
    return machine


@pytest.fixture
def reachable(guest: GuestHome, outputs: Outputs) -> Iterator[Outputs]:
    """The outputs of a stack whose machine is `guest`."""
    key = asyncssh.import_private_key(outputs.private_key.get_secret_value())
    (guest.home / ".ssh" / "authorized_keys").write_text(key.export_public_key().decode())
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    with SshServer(guest, host_key.export_private_key().decode()) as server:
        known = f"{outputs.ssh_alias} {host_key.export_public_key().decode()}"
        yield outputs.model_copy(update={"ssh_port": server.port, "known_hosts": known})
