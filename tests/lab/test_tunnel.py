"""The tunnel's unhappy paths; that it works is shown end to end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import asyncssh
import pytest

from lab import tunnel
from lab.outputs import Outputs


class AnyUser(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return False


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def hold_against_a_server(outputs: Outputs, local_port: int) -> None:
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=AnyUser, server_host_keys=[host_key])
    reachable = outputs.model_copy(
        update={
            "ssh_port": server.get_port(),
            "local_port": local_port,
            "known_hosts": f"fastai-dev {host_key.export_public_key().decode()}",
        }
    )
    async with server:
        await tunnel.hold(reachable, lambda: None)


def test_a_taken_local_port_names_the_port_and_the_way_out(outputs: Outputs, taken_port: int) -> None:
    with pytest.raises(tunnel.TunnelFailed, match=rf"port {taken_port} .* pulumi config set local_port"):
        asyncio.run(hold_against_a_server(outputs, taken_port))


@pytest.mark.parametrize(
    ("power", "told"),
    [
        ("running", "is the machine off[?] To start it: `make up`"),
        (
            "stopped",
            "it is off .power: stopped.. To start it: `pulumi config set power running`, then `make up`",
        ),
    ],
)
def test_a_machine_that_is_off_says_how_to_start_it(outputs: Outputs, power: str, told: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = outputs.model_copy(update={"ssh_port": nobody.getsockname()[1], "power": power})
        closed = closed.model_copy(update={"known_hosts": "fastai-dev " + an_ed25519_key()})
        with pytest.raises(tunnel.TunnelFailed, match=told):
            asyncio.run(tunnel.hold(closed, lambda: None))


def an_ed25519_key() -> str:
    return asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
