"""A machine with Jupyter and an idle stop whose limits are seconds, and what people do there."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from components import access, key_pair, ssh, step
from components.idle_stop import IdleLimits, idle_stop_step
from components.jupyter import jupyter_step
from components.ssh import Login
from components.step import Step
from sandbox.server import Sandbox
from tests.sandbox.paperspace.conftest import Api

IDLE, GRACE, TICK = 25, 10, 2
NOTEBOOK_PORT = 8889
TOKEN = "5ad5a5d5a5d5a5d5a5d5a5d5a5d5a5d5"
LOOK_EVERY = 0.5
UP_WITHIN = 240
SETTLED_WITHIN = 300
LIMITS = {"idle": IDLE, "grace": GRACE, "tick": 4 * TICK}
DROP_INS = f"""\
set -euo pipefail
unit=/etc/systemd/system/fastai-idle-stop
line=$(sed -n 's/^ExecStart=//p' $unit.service | sed "$1")
sudo mkdir -p $unit.service.d $unit.timer.d
printf '%s\\n' '[Service]' 'ExecStart=' "ExecStart=$line" | sudo tee $unit.service.d/seconds.conf >/dev/null
printf '%s\\n' '[Timer]' 'OnBootSec=' 'OnUnitActiveSec=' 'OnBootSec={TICK}' 'OnUnitActiveSec={TICK}' \\
  'AccuracySec=100ms' | sudo tee $unit.timer.d/seconds.conf >/dev/null
sudo systemctl daemon-reload
sudo systemctl restart fastai-idle-stop.timer
"""
"""The stack's units, but with shorter times; a tick that comes late on a busy computer is no gap."""


@dataclass
class IdleMachine:
    """One machine. `begun`: when the set-up had ended, on time.monotonic()."""

    sandbox: Sandbox
    directory: Path
    id: str
    login: Login
    key: Path
    begun: float = 0.0
    leaving: ExitStack = field(default_factory=ExitStack)

    def state(self) -> str:
        """As the API says."""
        return next(each["state"] for each in self.sandbox.state()["machines"] if each["id"] == self.id)

    def is_off(self) -> bool:
        return self.state() == "off"

    def ledger(self) -> list[str]:
        """What the idle stop noted, oldest first, without the times. Read from the disk: no login."""
        file = self.directory / "machines" / self.id / "disk/var/lib/fastai/idle_ledger"
        with suppress(FileNotFoundError):
            return [line.partition(" ")[2] for line in file.read_text().splitlines()]
        return []

    def warned(self) -> bool:
        return any(line.startswith("warn") for line in self.ledger())

    def ssh(self, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        """OpenSSH's client, running until the case is over. Its options stand before the address."""
        command = [
            "ssh", "-F", "none", "-i", str(self.key), "-p", str(self.login.port), "-o", "BatchMode=yes",
            "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=30", "-l", self.login.user,
        ]  # fmt: skip
        words = list(arguments)
        where = next((at for at, word in enumerate(words) if word == "--"), len(words))
        line = [*command, *words[:where], self.login.host, *words[where + 1 :]]
        given = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            **options,
        }
        process = subprocess.Popen(line, **given)  # type: ignore[call-overload]
        self.leaving.callback(end, process)
        return process  # type: ignore[no-any-return]

    def does(self, line: str) -> str:
        """What a command of the person's prints; it must succeed."""
        process = self.ssh(
            "--", line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, f"{line}: {err.decode()}"
        return out.decode().strip()

    def wait(self, happened: Callable[[], bool], what: str, seconds: float = SETTLED_WITHIN) -> float:
        """Seconds since the set-up when it `happened()`. Fails after `seconds`, telling the ledger."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < deadline, f"gave up waiting until {what}; the ledger: {self.ledger()}"
            time.sleep(LOOK_EVERY)
        return time.monotonic() - self.begun

    def stays_on(self, seconds: float) -> None:
        """Watches for so long that neither a warning nor the end comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert not self.is_off(), f"it powered itself off; the ledger: {self.ledger()}"
            assert not self.warned(), f"it warned; the ledger: {self.ledger()}"
            time.sleep(LOOK_EVERY)

    def goes_off(self) -> float:
        """Seconds since the set-up. The ledger must end with a warning and the end."""
        after = self.wait(self.is_off, "the API says off")
        assert self.warned(), self.ledger()
        assert self.ledger()[-1].startswith("power off:"), self.ledger()
        return after


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


@contextmanager
def idle_machine(
    sandbox: Sandbox, directory: Path, folder: Path, *, never_connected: int = 0, max_uptime: int = 0
) -> Iterator[IdleMachine]:
    """A machine that is set up and that nobody is logged in to; deleted at the end."""
    user, host = key_pair.generate(), key_pair.generate()
    folder.mkdir()
    key = folder / "key"
    key.touch(mode=0o600)
    key.write_text(user["private_key"])
    script = access.startup_script([user["public_key"]], host["private_key"], host["public_key"])
    api = Api(sandbox)
    try:
        scripts = api.post("/startup-scripts", name=folder.name, script=script, isRunOnce=True)
        made = api.create(name=folder.name, startupScriptId=scripts["id"])["data"]["id"]
        place = address(api, made)
        login = Login(place, 2222, user["private_key"], host["public_key"])
        machine = IdleMachine(sandbox, directory, made, login, key)
        asyncio.run(set_up(login, never_connected, max_uptime))
        machine.begun = time.monotonic()
        try:
            with machine.leaving:
                yield machine
        finally:
            api.delete(f"/machines/{made}")
    finally:
        api.session.close()


def address(api: Api, machine_id: str) -> str:
    deadline = time.monotonic() + UP_WITHIN
    while (machine := api.get(f"/machines/{machine_id}"))["state"] != "ready":
        assert machine["state"] != "off", "the machine did not boot"
        assert time.monotonic() < deadline, "the machine is not ready"
        time.sleep(LOOK_EVERY)
    return str(machine["publicIp"])


async def set_up(login: Login, never_connected: int, max_uptime: int) -> None:
    """Jupyter and the idle stop, by the stack's own steps; then seconds for minutes."""
    connection = await ssh.connect_when_ready(login, UP_WITHIN, lambda _: None)
    async with connection:
        for each in (jupyter_step(NOTEBOOK_PORT, TOKEN), idle_stop_step(IdleLimits(), NOTEBOOK_PORT)):
            await run_step(connection, each)
        await shorten(connection, never_connected=never_connected, max_uptime=max_uptime)


async def shorten(connection: object, **limits: int) -> None:
    """Seconds for the idle stop's minutes: LIMITS, but for `limits`, whose names have _ for -."""
    chosen = LIMITS | {name.replace("_", "-"): value for name, value in limits.items()}
    edits = "; ".join(f"s/--{name} [0-9]*/--{name} {value}/" for name, value in chosen.items())
    command = f"bash -s {shlex.quote(edits)}"
    result = await ssh.run(connection, command, UP_WITHIN, DROP_INS)  # type: ignore[arg-type]
    assert result.exit_status == 0, result.stderr


async def run_step(connection: object, each: Step) -> None:
    plan = each.plan({})
    command = "env STEP_SUMMARY=test STEP_TOKEN=test bash -s"
    result = await ssh.run(connection, command, UP_WITHIN, step.standard_input(each, plan))  # type: ignore[arg-type]
    assert result.exit_status == 0, f"{each.name}: {result.stdout}{result.stderr}"
