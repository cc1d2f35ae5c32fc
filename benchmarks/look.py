"""One login and one look at the machine, without Pulumi: what a preview of it cannot do without.

Run as a program with the path of a JSON file: `login` (components.ssh.Login) and `checks` by step.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from components.probe import probe
from components.ssh import Login, connect


async def look(login: Login, checks: Mapping[str, str]) -> None:
    """Raises components.ssh.Unreachable where the machine does not answer to the end."""
    connection = await connect(login)
    await probe(connection, checks)
    connection.close()


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text())
    asyncio.run(look(Login(**told["login"]), told["checks"]))
