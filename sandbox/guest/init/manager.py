"""The service manager behind the systemctl stand-in: which units there are, which are enabled, which run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox.guest.init.service import Service, World
from sandbox.guest.init.timer import Timer
from sandbox.guest.init.units import FOLDERS, BadUnit, Unit, drop_ins, find

AT_BOOT = ("multi-user.target", "default.target", "graphical.target", "timers.target", "basic.target")
SSH = ("ssh.service", "sshd.service")
Running = Service | Timer


class UnknownUnit(LookupError):
    """There is no such unit file."""


class Manager:
    """Units of one machine.

    on_ssh_restart: called when the SSH server is to read its key and settings again.
    """

    def __init__(self, world: World, on_ssh_restart: Callable[[], None]) -> None:
        self._world = world
        self._root = world.specification.root
        self._on_ssh_restart = on_ssh_restart
        self._units: dict[str, Running] = {}
        self._loaded: dict[str, tuple[float, ...]] = {}
        self._booted = time.monotonic()

    async def boot(self) -> None:
        """Start what is enabled, in the order of the names; one that fails does not stop the others."""
        for target in AT_BOOT:
            for link in sorted(self._links(target)):
                with suppress(UnknownUnit):
                    await self.start(link.name)

    async def start(self, name: str) -> bool:
        """Start a unit and what it wants. Raises UnknownUnit, BadUnit."""
        if name in SSH or name.endswith(".target"):
            return True
        unit = self.unit(name)
        for needed in unit.unit.needs("Requires", "Wants", "BindsTo"):
            with suppress(UnknownUnit, BadUnit):
                await self.start(needed)
        return await unit.start()

    async def stop(self, name: str) -> None:
        """Stop a unit; nothing happens when it does not run. Raises UnknownUnit."""
        if name not in SSH:
            await self.unit(name).stop()

    async def restart(self, name: str) -> bool:
        """Stop and start. For ssh: new connections meet the key and the settings that are on disk now."""
        if name in SSH:
            self._on_ssh_restart()
            return True
        self.unit(name)
        await self.stop(name)
        return await self.start(name)

    async def reload(self, name: str) -> bool:
        """Reload; false when the unit cannot."""
        return await self.restart(name) if name in SSH else await self.unit(name).reload()

    async def stop_all(self) -> None:
        """Stop every timer and service at once."""
        await asyncio.gather(*(unit.stop() for unit in self._units.values()), return_exceptions=True)

    def unit(self, name: str) -> Running:
        """The unit as it runs, or as its file says when it does not run."""
        known = self._units.get(name)
        if known and known.state not in ("inactive", "failed"):
            return known
        stamp = self._stamp(name)
        if known and self._loaded.get(name) == stamp:
            return known
        unit = find(name, self._root)
        if unit is None:
            raise UnknownUnit(name)
        self._loaded[name] = stamp
        self._units[name] = self._made(unit)
        return self._units[name]

    def reload_files(self) -> None:
        """daemon-reload: units that run take the new text at their next start."""
        for name, running in self._units.items():
            fresh = find(name, self._root)
            if fresh:
                running.unit = fresh
                self._loaded[name] = self._stamp(name)

    def stale(self, name: str) -> bool:
        """Whether the file changed since it was loaded, and daemon-reload is missing."""
        return name in self._loaded and self._loaded[name] != self._stamp(name)

    def enable(self, name: str) -> list[tuple[str, str]]:
        """Link the unit into its targets; returns the (link, file) pairs that are new. Raises UnknownUnit."""
        if name in SSH:
            return []
        unit = self._unit_file(name)
        made = []
        for target in unit.targets:
            link = Path(self._root + FOLDERS[0], target, name)
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                link.symlink_to(unit.file)
                made.append((str(link), str(unit.file)))
        return made

    def disable(self, name: str) -> list[str]:
        """Remove the unit's links; returns them."""
        links = [link for link in Path(self._root + FOLDERS[0]).glob(f"*.*/{name}") if link.is_symlink()]
        for link in links:
            link.unlink()
        return [str(link) for link in links]

    def enabled(self, name: str) -> str:
        """The word that `is-enabled` prints. Raises UnknownUnit."""
        if name in SSH or any(Path(self._root + FOLDERS[0]).glob(f"*.wants/{name}")):
            return "enabled"
        return "disabled" if self._unit_file(name).targets else "static"

    def properties(self, name: str) -> dict[str, Any]:
        """What `show` and `status` print, under systemd's names."""
        try:
            running = self.unit(name)
        except UnknownUnit:
            present = name in SSH
            state = ("active", "running") if present else ("inactive", "dead")
            loaded = "loaded" if present else "not-found"
            return {
                "Id": name,
                "LoadState": loaded,
                "ActiveState": state[0],
                "SubState": state[1],
                "MainPID": 0,
            }
        return _properties(running) | {
            "UnitFileState": self.enabled(name),
            "NeedDaemonReload": "yes" if self.stale(name) else "no",
        }

    def names(self) -> list[str]:
        """Every unit that has a file or was started."""
        files = {
            file.name
            for folder in FOLDERS
            for file in Path(self._root + folder).glob("*.*")
            if file.is_file()
        }
        return sorted(files | set(self._units))

    def _unit_file(self, name: str) -> Unit:
        unit = find(name, self._root)
        if unit is None:
            raise UnknownUnit(name)
        return unit

    def _made(self, unit: Unit) -> Running:
        if unit.kind == "timer":
            timer = Timer(unit, lambda: self._service(timer.service_name), self._booted)
            return timer
        if unit.kind != "service":
            raise BadUnit(f"{unit.name}: this stand-in knows services and timers")  # noqa: EM102
        return Service(unit, self._world)

    def _service(self, name: str) -> Service:
        running = self.unit(name)
        if not isinstance(running, Service):
            raise BadUnit(f"{name}: a timer starts a service")  # noqa: EM102
        return running

    def _links(self, target: str) -> list[Path]:
        return list(Path(self._root + FOLDERS[0], f"{target}.wants").glob("*"))

    def _stamp(self, name: str) -> tuple[float, ...]:
        files = [Path(self._root + folder, name) for folder in FOLDERS] + sorted(drop_ins(name, self._root))
        return tuple(file.stat().st_mtime_ns for file in files if file.exists())


def _properties(running: Running) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Id": running.unit.name,
        "Description": running.unit.description,
        "LoadState": "loaded",
        "FragmentPath": str(running.unit.file),
        "ActiveState": running.state,
        "SubState": running.substate,
        "Result": running.result,
        "MainPID": running.pid,
        "ExecMainStatus": running.code,
        "NRestarts": running.restarts,
        "StateChangeTimestamp": running.since,
        "Restart": running.unit.last("Restart", "no"),
    }
    if isinstance(running, Timer):
        found |= {"NextElapse": running.next, "LastTrigger": running.last, "Unit": running.service_name}
    return found
