"""A session channel that takes only the variables which Ubuntu's sshd takes (guest-facts.md, trap 2)."""

from __future__ import annotations

import asyncio
import re

import asyncssh
from asyncssh.packet import SSHPacket

ACCEPTED = re.compile(rb"LANG|LC_.*", re.DOTALL)
WINDOW = 2 * 1024 * 1024
LARGEST_PACKET = 32768


class GuestChannel(asyncssh.SSHServerChannel[bytes]):
    """One session; bytes go through as they are, lines are the terminal's own business."""

    def __init__(self, connection: asyncssh.SSHServerConnection) -> None:
        super().__init__(
            connection,
            asyncio.get_running_loop(),
            allow_pty=True,
            line_editor=False,
            line_echo=False,
            line_history=0,
            max_line_length=0,
            encoding=None,
            errors="strict",
            window=WINDOW,
            max_pktsize=LARGEST_PACKET,
        )

    def _process_env_request(self, packet: SSHPacket) -> bool:
        """asyncssh calls this by its name for each `env` request; false is the refusal the client sees."""
        name, value = packet.get_string(), packet.get_string()
        packet.check_end()
        if ACCEPTED.fullmatch(name) is None:
            return False
        self._env[name] = value
        return True
