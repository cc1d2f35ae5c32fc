"""The tunnel from the student's own port to Jupyter on the machine: `ssh -N -L`, with no OpenSSH needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncssh

from lab.errors import TunnelFailed as TunnelFailed
from lab.outputs import Outputs

KEEPALIVE_SECONDS = 15
LOGIN_SECONDS = 20


async def connect(outputs: Outputs) -> asyncssh.SSHClientConnection:
    """A connection verified against the stack's host key; no agent and no ~/.ssh/config take part."""
    return await asyncssh.connect(
        outputs.ssh_host,
        outputs.ssh_port,
        username=outputs.ssh_user,
        client_keys=[asyncssh.import_private_key(outputs.private_key.get_secret_value())],
        known_hosts=asyncssh.import_known_hosts(outputs.known_hosts),
        host_key_alias=outputs.ssh_alias,
        agent_path=None,
        config=[],
        login_timeout=LOGIN_SECONDS,
        connect_timeout=LOGIN_SECONDS,
        keepalive_interval=KEEPALIVE_SECONDS,
    )


async def hold(outputs: Outputs, opened: Callable[[], None]) -> None:
    """Opens the tunnel, calls `opened`, and stays until the connection ends.

    Raises TunnelFailed if the machine does not answer, the local port is taken, or the connection is lost.
    """
    try:
        async with await connect(outputs) as connection:
            await listen(connection, outputs)
            opened()
            await connection.wait_closed()
    except (OSError, asyncssh.Error) as failure:
        where = f"{outputs.ssh_host}:{outputs.ssh_port}"
        is_off = "it is off (power: stopped)." if outputs.is_stopped else "is the machine off?"
        message = f"{where} does not answer ({failure}); {is_off} To start it: {outputs.way_to_start}"
        raise TunnelFailed(message) from failure
    message = f"the machine closed the connection; has it been stopped? To start it: {outputs.way_to_start}"
    raise TunnelFailed(message)


async def listen(connection: asyncssh.SSHClientConnection, outputs: Outputs) -> None:
    try:
        await connection.forward_local_port(
            "localhost", outputs.local_port, "localhost", outputs.notebook_port
        )
    except OSError as failure:
        message = (
            f"port {outputs.local_port} on this computer is taken ({failure.strerror}); close the other "
            "tunnel, or choose another port: pulumi config set local_port 8899"
        )
        raise TunnelFailed(message) from failure


def run(outputs: Outputs, opened: Callable[[], None]) -> None:
    """`hold`, until Ctrl-C."""
    asyncio.run(hold(outputs, opened))
