"""Open SSH connections as pulumi-command does: repeated dials, optionally through a proxy.

Deliberate differences: the handshake is bounded (the real plugin hangs on a host that accepts TCP and says
nothing), and a connection is closed after its run (the real plugin keeps it until the plugin ends).
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import asyncssh

from sandbox.engine.command.errors import RunError
from sandbox.engine.command.run_context import RunContext
from sandbox.engine.command.settings import Endpoint
from sandbox.engine.values import PropertyMap, reveal

FIRST_DELAY, DELAY_FACTOR, LONGEST_DELAY = 0.1, 1.5, 5.0  # pulumi-facts.md C5
HANDSHAKE_LIMIT = 120.0
KEEPALIVE = {"keepalive_interval": 15, "keepalive_count_max": 9}  # about when Go's TCP keepalive gives up

Connection = asyncssh.SSHClientConnection


@asynccontextmanager
async def connect(connection: PropertyMap, context: RunContext) -> AsyncIterator[Connection]:
    """Yield a connection to the machine; raise RunError after the allowed number of failed dials."""
    values = reveal(connection)
    target = Endpoint.parse(values)
    async with AsyncExitStack() as stack:
        if not values.get("proxy"):
            yield await stack.enter_async_context(await dial(target, "Dial", context))
            return
        with _prefixed("proxy: "):
            proxy = await dial(Endpoint.parse(values["proxy"]), "Dial proxy", context)
            await stack.enter_async_context(proxy)
            behind = await dial(target, "Dial", context, proxy)
        yield await stack.enter_async_context(behind)


@contextmanager
def _prefixed(prefix: str) -> Iterator[None]:
    try:
        yield
    except RunError as error:
        raise type(error)(prefix + str(error)) from error


async def dial(
    endpoint: Endpoint, what: str, context: RunContext, tunnel: Connection | None = None
) -> Connection:
    """Log in, through `tunnel` if there is one; retry every error as often as the endpoint allows."""
    delay, failures = FIRST_DELAY, 0
    async with _agent_keys(endpoint.agent_path) as agent_keys:
        while True:
            try:
                return await _open(endpoint, agent_keys, tunnel)
            except (OSError, asyncssh.Error) as error:
                failures += 1
                _report(error, failures, endpoint, what, context)
            await context.pause(delay)
            delay = min(delay * DELAY_FACTOR, LONGEST_DELAY)


def _report(error: Exception, failures: int, endpoint: Endpoint, what: str, context: RunContext) -> None:
    """Tell of a failed dial, or raise RunError after the last one."""
    if 0 <= endpoint.dial_error_limit < failures:
        message = f"after {failures - 1} failed attempts: {_reason(error, endpoint)}"
        raise RunError(message)
    stage = "Dial from proxy" if isinstance(error, asyncssh.ChannelOpenError) else what
    limit = "inf" if endpoint.dial_error_limit < 0 else endpoint.dial_error_limit
    context.status(f"{stage} {failures}/{limit} failed: retrying")


async def _open(
    endpoint: Endpoint, agent_keys: Sequence[asyncssh.SSHKeyPair], tunnel: Connection | None
) -> Connection:
    options: dict[str, Any] = {
        "username": endpoint.user,
        "password": endpoint.password,
        "client_keys": [*([endpoint.key] if endpoint.key else []), *agent_keys] or None,
        "agent_path": None,
        "known_hosts": ([endpoint.host_key], [], []) if endpoint.host_key else None,
        "connect_timeout": endpoint.per_dial_timeout or HANDSHAKE_LIMIT,
        "config": [],
        **KEEPALIVE,
    }
    if endpoint.host_key:
        options["server_host_key_algs"] = [_signature_algorithm(endpoint.host_key)]
    opener = tunnel.connect_ssh if tunnel else asyncssh.connect
    return await opener(endpoint.host, endpoint.port, **options)


def _signature_algorithm(host_key: asyncssh.SSHKey) -> str:
    """The real plugin offers an RSA key's old SHA-1 algorithm only, which no current sshd has (measured)."""
    algorithm = host_key.get_algorithm()
    if algorithm == "ssh-rsa":
        message = "ssh: no common algorithm for host key; we offered: [ssh-rsa]"
        raise asyncssh.KeyExchangeFailed(message)
    return algorithm


@asynccontextmanager
async def _agent_keys(path: str | None) -> AsyncIterator[Sequence[asyncssh.SSHKeyPair]]:
    """An agent socket that nobody serves fails every command, even with a good private key (measured)."""
    if path is None:
        yield []
        return
    try:
        agent = await asyncssh.connect_agent(path)
    except OSError as error:
        message = f"dial unix {path}: connect: {os.strerror(error.errno or 0).lower()}"
        raise RunError(message) from error
    async with agent:
        yield await agent.get_keys()


def _reason(error: Exception, endpoint: Endpoint) -> str:
    address = f"{endpoint.host}:{endpoint.port}"
    if isinstance(error, TimeoutError):
        return f"dial tcp {address}: i/o timeout"
    if isinstance(error, socket.gaierror):
        return f"dial tcp: lookup {endpoint.host}: no such host"
    if isinstance(error, OSError):
        return f"dial tcp {address}: connect: {os.strerror(error.errno or 0).lower()}"
    if isinstance(error, asyncssh.ChannelOpenError):
        return f"ssh: rejected: connect failed ({error.reason})"
    return f"ssh: handshake failed: {_handshake_problem(error, endpoint)}"


def _handshake_problem(error: Exception, endpoint: Endpoint) -> str:
    if isinstance(error, asyncssh.PermissionDenied):
        tried = " ".join(["none", *endpoint.methods()])
        return f"ssh: unable to authenticate, attempted methods [{tried}], no supported methods remain"
    return "ssh: host key mismatch" if isinstance(error, asyncssh.HostKeyNotVerifiable) else str(error)
