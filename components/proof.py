"""The end of `up`: Jupyter answers through a tunnel with the token, and fastai can be imported."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from components.ssh import Login, Unreachable, connect, reason, run

if TYPE_CHECKING:
    import asyncssh

ANSWER_SECONDS = 20
IMPORT_SECONDS = 180
PAGES = ("api/status", "tree")
IMPORT = "cd ~/fastai && ~/anaconda3/envs/fastai/bin/python -c 'import fastai'"
LOG = (
    "sudo journalctl -u jupyter -n 20 --no-pager -o cat 2>/dev/null"
    " || systemctl status jupyter --no-pager 2>&1 | tail -n 20"
)


class ProofFailed(Exception):
    """What did not work, with the end of the log that tells why."""


async def prove(login: Login, notebook_port: int, token: str) -> None:
    """Raises ProofFailed."""
    import asyncssh

    try:
        async with await connect(login) as connection:
            await fastai_imports(connection)
            await jupyter_answers(connection, notebook_port, token)
    except (OSError, asyncssh.Error, TimeoutError, Unreachable) as failure:
        text = f"the machine was lost while its notebook was tried: {reason(failure)}"
        raise ProofFailed(text) from failure


async def fastai_imports(connection: asyncssh.SSHClientConnection) -> None:
    result = await run(connection, IMPORT, IMPORT_SECONDS)
    if result.exit_status != 0:
        await repair_at_next_up(connection, "fastai")
        text = f"`import fastai` failed on the machine:\n{tail(str(result.stderr))}"
        raise ProofFailed(text)


async def jupyter_answers(connection: asyncssh.SSHClientConnection, port: int, token: str) -> None:
    async with connection.forward_local_port("127.0.0.1", 0, "localhost", port) as tunnel:
        for page in PAGES:
            answer = await asyncio.to_thread(status_of, f"http://127.0.0.1:{tunnel.get_port()}/{page}", token)
            if answer != "200":
                await repair_at_next_up(connection, "jupyter")
                log = await run(connection, LOG, ANSWER_SECONDS)
                told = tail(str(log.stdout)).replace(token, "[secret]")
                text = f"the notebook did not open: GET /{page} through a tunnel gave {answer}\n{told}"
                raise ProofFailed(text)


async def repair_at_next_up(connection: asyncssh.SSHClientConnection, step: str) -> None:
    """Takes back the step's `ok`, so that its verdict is dirty and its body runs again."""
    await run(connection, f"rm -f ~/.local/state/fastai/steps/{step}/ok", ANSWER_SECONDS)


def status_of(url: str, token: str) -> str:
    """The HTTP status as text, or why there was none."""
    import requests

    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between this computer and its own loopback
        try:
            header = {"Authorization": f"token {token}"}
            return str(session.get(url, headers=header, timeout=ANSWER_SECONDS).status_code)
        except requests.RequestException as failure:
            return type(failure).__name__


def tail(text: str, lines: int = 20, characters: int = 500) -> str:
    return "\n".join(line[:characters] for line in text.splitlines()[-lines:])
