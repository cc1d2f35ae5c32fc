"""One command on a student's machine over SSH, verified against the stack's host key and bounded in time.

A login counts as use of the machine: it begins the idle stop's time anew (guest-facts.md 4, rule 4).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.errors import LabError
from lab.outputs import Outputs

if TYPE_CHECKING:
    from components.ssh import Login

SECONDS = 30.0
PARALLEL = 16
"""Connections at once; they cost little beside a running `pulumi`."""


class MachineSilent(LabError):
    """No login, or no end of the command in time; the text says where and why."""


@dataclass(frozen=True)
class Answer:
    """What a command printed on its two outputs, and its exit code."""

    printed: str
    told: str
    code: int


def login_of(outputs: Outputs) -> Login:
    """How the stack logs in, its host key pinned."""
    from components.ssh import Login  # asyncssh takes a fifth of a second to load

    host_key = outputs.known_hosts.partition(" ")[2]
    key = outputs.private_key.get_secret_value()
    return Login(outputs.ssh_host, outputs.ssh_port, key, host_key, outputs.ssh_user)


def ask(outputs: Outputs, command: str, seconds: float = SECONDS) -> Answer:
    """Raises MachineSilent."""
    return asyncio.run(answer_of(login_of(outputs), command, seconds))


async def answer_of(login: Login, command: str, seconds: float) -> Answer:
    from components import ssh

    try:
        connection = await ssh.connect(login)
        try:
            ended = await ssh.run(connection, command, seconds)
        finally:
            connection.abort()
            await connection.wait_closed()
    except ssh.Interrupted as failure:
        message = f"{login.host}:{login.port}: {failure}"
        raise MachineSilent(message) from failure
    except ssh.Unreachable as failure:
        raise MachineSilent(str(failure)) from failure
    code = ended.exit_status if ended.exit_status is not None else -1
    return Answer(str(ended.stdout), str(ended.stderr), code)
