"""One service: its processes, its state, its restarts."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.guest.init import environment
from sandbox.guest.init.journal import Journal
from sandbox.guest.init.processes import Processes, descendants, tagged
from sandbox.guest.init.specification import USER, Specification
from sandbox.guest.init.units import RESTARTS, TYPES, BadUnit, Unit, command, environment_of

SIGNALLED = 128


@dataclass
class World:
    """What every service of a machine shares."""

    specification: Specification
    processes: Processes
    journal: Journal


class Service:
    """Starts, stops and restarts what a .service file describes; the words of its states are systemd's."""

    def __init__(self, unit: Unit, world: World) -> None:
        self.unit = unit
        self.state, self.substate, self.result = "inactive", "dead", "success"
        self.pid = 0
        self.code = 0
        self.restarts = 0
        self.since = 0.0
        self.inactive_since = 0.0
        self._world = world
        self._keeper: asyncio.Task[None] | None = None
        self._began: deque[float] = deque(maxlen=max(1, int(unit.last("StartLimitBurst", "5", "Unit"))))
        self._lock = asyncio.Lock()
        self._invocation = ""

    async def start(self) -> bool:
        """Start; returns whether it is up (a oneshot: has succeeded)."""
        async with self._lock:
            if self.state in ("active", "activating", "reloading"):
                return True
            if not self._conditions_hold():
                return True
            self._began.clear()
            self.restarts = 0
            return await self._start()

    async def stop(self) -> None:
        """Stop: ExecStop, then SIGTERM, then SIGKILL after TimeoutStopSec."""
        async with self._lock:
            await self._stop()

    async def reload(self) -> bool:
        """Run ExecReload; false when there is none."""
        lines = self.unit.all("ExecReload")
        for line in lines:
            if await self._run(line.replace("$MAINPID", str(self.pid))):
                return False
        return bool(lines)

    async def _start(self) -> bool:
        self._set("activating", "start-pre")
        self._invocation = uuid.uuid4().hex
        try:
            self._check()
            for line in self.unit.all("ExecStartPre"):
                code = await self._run(line)
                if code:
                    return await self._failed(code)
            return await (self._once() if self.unit.last("Type") == "oneshot" else self._stay())
        except BadUnit as error:
            self._log(str(error))
            return await self._failed(1, "resources")

    async def _once(self) -> bool:
        self._set("activating", "start")
        for line in self.unit.all("ExecStart"):
            code = await self._run(line, main=True)
            if code:
                return await self._failed(code)
        self._set("active", "exited") if self.unit.flag("RemainAfterExit") else self._set("inactive", "dead")
        self._log(f"Finished {self.unit.description}.")
        return True

    async def _stay(self) -> bool:
        lines = self.unit.all("ExecStart")
        if len(lines) != 1:
            raise BadUnit(f"{self.unit.name}: needs exactly one ExecStart=, has {len(lines)}")  # noqa: EM102
        self._began.append(time.monotonic())
        self.pid, end = self._launch(lines[0])
        self._set("active", "running")
        self._log(f"Started {self.unit.description}.")
        self._keeper = asyncio.create_task(self._keep(end))
        for line in self.unit.all("ExecStartPost"):
            await self._run(line)
        return True

    async def _keep(self, end: asyncio.Future[int]) -> None:
        code = await asyncio.shield(end)
        self.pid = 0
        self.code = code
        self._log(f"{self.unit.name}: Main process exited, code={_how(code)}")
        for line in self.unit.all("ExecStopPost"):
            await self._run(line)
        if not self._again(code):
            await self._failed(code) if not self._good(code) else self._set("inactive", "dead")
            return
        self._set("activating", "auto-restart", "exit-code" if code else "success")
        await asyncio.sleep(self.unit.seconds("RestartSec", 0.1))
        if self._too_often():
            self._log(f"{self.unit.name}: Start request repeated too quickly.")
            await self._failed(code, "start-limit-hit")
            return
        self.restarts += 1
        self._log(f"{self.unit.name}: Scheduled restart job, restart counter is at {self.restarts}.")
        await self._start()

    def _again(self, code: int) -> bool:
        rule = self.unit.last("Restart", "no")
        good, abnormal = self._good(code), code > SIGNALLED
        rules = {
            "always": True,
            "on-success": good,
            "on-failure": not good,
            "on-abnormal": abnormal and not good,
        }
        return rules.get(rule, abnormal and not good if rule == "on-abort" else False)

    def _good(self, code: int) -> bool:
        more = self.unit.last("SuccessExitStatus").split()
        polite = code in (SIGNALLED + signal.SIGTERM, SIGNALLED + signal.SIGINT, SIGNALLED + signal.SIGHUP)
        return code == 0 or polite or str(code) in more

    def _too_often(self) -> bool:
        window = self.unit.seconds("StartLimitIntervalSec", 10.0, "Unit")
        full = len(self._began) == self._began.maxlen
        return bool(window) and full and time.monotonic() - self._began[0] < window

    async def _stop(self) -> None:
        keeper, self._keeper = self._keeper, None
        if self.pid:
            self._set("deactivating", "stop")
            if keeper:
                keeper.cancel()
            for line in self.unit.all("ExecStop"):
                await self._run(line.replace("$MAINPID", str(self.pid)))
            await self._end_group(self.pid)
            self.pid = 0
            self._log(f"Stopped {self.unit.description}.")
        elif keeper:
            keeper.cancel()
        if self.state != "failed" or keeper:
            self._set("inactive", "dead", "success")

    async def _end_group(self, pid: int) -> None:
        """End the service's whole group, as its cgroup would: also what left with setsid."""
        number = getattr(signal, self.unit.last("KillSignal", "SIGTERM"), signal.SIGTERM)
        limit = min(self.unit.seconds("TimeoutStopSec", 90.0), 90.0)
        self._signal_group(pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._world.processes.gone(pid)
        self._signal_group(pid, signal.SIGKILL)
        await self._world.processes.gone(pid)

    def _signal_group(self, pid: int, number: int) -> None:
        for member in tagged(f"INVOCATION_ID={self._invocation}") | {pid, *descendants(pid)}:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(member, number)

    async def _failed(self, code: int, result: str = "") -> bool:
        self.code = code
        self._set("failed", "failed", result or ("signal" if code > SIGNALLED else "exit-code"))
        self._log(f"{self.unit.name}: Failed with result '{self.result}'.")
        return False

    async def _run(self, line: str, *, main: bool = False) -> int:
        pid, end = self._launch(line)
        if main:
            self.pid = pid
        code = await end
        if main:
            self.pid = 0
        return code if command(line, self.unit, {})[1] and not self._good(code) else 0

    def _launch(self, line: str) -> tuple[int, asyncio.Future[int]]:
        root = self._world.specification.root
        user = self.unit.last("User", "root")
        base = environment.of_login(self._world.specification, user)
        base.pop("LANG", None)
        variables = environment_of(self.unit, base, root) | {"INVOCATION_ID": self._invocation}
        argv, _ = command(line, self.unit, variables)
        reader, writer = os.pipe()
        nothing = os.open("/dev/null", os.O_RDWR)
        out, close = self._output(writer, nothing)
        folder = self._folder(base)
        pid, end = self._world.processes.start(
            argv, environment=variables, user=user, folder=folder, standard=(nothing, out, out)
        )
        for descriptor in {writer, nothing, *close}:
            os.close(descriptor)
        name = Path(argv[0]).name
        task = asyncio.create_task(self._world.journal.follow(reader, self.unit.name, name, pid))
        self._world.processes.keep(task)
        return pid, end

    def _output(self, writer: int, nothing: int) -> tuple[int, list[int]]:
        where = self.unit.last("StandardOutput", "journal")
        if where == "null":
            return nothing, []
        kind, _, path = where.partition(":")
        if kind in ("append", "file", "truncate"):
            flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if kind == "append" else os.O_TRUNC)
            file = os.open(path, flags, 0o644)
            return file, [file]
        return writer, []

    def _folder(self, base: dict[str, str]) -> str:
        wanted = self.unit.last("WorkingDirectory", "/")
        optional, name = wanted.startswith("-"), wanted.removeprefix("-")
        folder = base["HOME"] if name == "~" else name
        if not Path(folder).is_dir() and not optional:
            raise BadUnit(f"{self.unit.name}: Changing to the requested working directory failed: {folder}")  # noqa: EM102
        return folder if Path(folder).is_dir() else "/"

    def _check(self) -> None:
        for key, allowed in (("Type", TYPES), ("Restart", RESTARTS), ("User", ("root", USER))):
            value = self.unit.last(key)
            if value and value not in allowed:
                raise BadUnit(f"{self.unit.name}: {key}={value}: this stand-in knows {', '.join(allowed)}")  # noqa: EM102
        root = self._world.specification.root
        for key, place in (
            ("RuntimeDirectory", "/run"),
            ("StateDirectory", "/var/lib"),
            ("LogsDirectory", "/var/log"),
        ):
            for name in self.unit.last(key).split():
                Path(root + place, name).mkdir(parents=True, exist_ok=True)

    def _conditions_hold(self) -> bool:
        for wanted in self.unit.all("ConditionPathExists", "Unit"):
            if Path(wanted.removeprefix("!")).exists() == wanted.startswith("!"):
                self._log(f"{self.unit.name}: condition ConditionPathExists={wanted} was not met")
                return False
        return True

    def _set(self, state: str, substate: str, result: str = "success") -> None:
        now = time.time()
        if state != self.state:
            self.since = now
        if state in ("inactive", "failed"):
            self.inactive_since = now
        self.state, self.substate, self.result = state, substate, result

    def _log(self, message: str) -> None:
        self._world.journal.write(self.unit.name, message)


def _how(code: int) -> str:
    if code > SIGNALLED:
        return (
            f"killed, status={code - SIGNALLED}/{signal.Signals(code - SIGNALLED).name.removeprefix('SIG')}"
        )
    return f"exited, status={code}"
