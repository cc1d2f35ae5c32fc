"""One login and one look at the machine, without Pulumi: what a preview of it cannot do without.

Run as a program with the path of a JSON file: host, port, user, private_key, host_key, script.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import asyncssh


async def look(told: dict[str, Any]) -> None:
    """Raises asyncssh.Error where the machine does not answer to the end."""
    async with asyncssh.connect(
        told["host"],
        told["port"],
        username=told["user"],
        client_keys=[asyncssh.import_private_key(told["private_key"])],
        known_hosts=([asyncssh.import_public_key(told["host_key"])], [], []),
        config=[],
        agent_path=None,
    ) as connection:
        await connection.run("bash -s", input=told["script"], check=True)


if __name__ == "__main__":
    asyncio.run(look(json.loads(Path(sys.argv[1]).read_text())))
