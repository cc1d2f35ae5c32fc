"""One sandbox of Paperspace: its API over HTTP, its state on disk, its machines."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox.api_server import ApiServer
from sandbox.listening import address_block, listen
from sandbox.paperspace.control import Control
from sandbox.paperspace.guests import Closable, Guests, MakeGuests, NoGuests
from sandbox.paperspace.routes.app import create_app
from sandbox.paperspace.scheduler import Scheduler
from sandbox.paperspace.state import account
from sandbox.paperspace.state.clock import Clock
from sandbox.paperspace.state.database import Database
from sandbox.paperspace.state.faults import Fault, FaultKind
from sandbox.paperspace.state.world import World
from sandbox.settings import SandboxSettings

DATABASE = "paperspace.db"


class Sandbox:
    """Serves from `start` to `stop`; what it holds stays in `directory` and is there again at the next start.

    settings: None for those of the last time in this directory, or else the defaults.
    guests: what runs the machines; None for machines that exist only in the API.
    make_guests: makes them at start instead, as SshGuests does: from the directory, the SSH servers' port
    and the function to call when a machine has powered itself off; they are closed at stop.
    """

    def __init__(
        self,
        directory: Path,
        settings: SandboxSettings | None = None,
        guests: Guests | None = None,
        make_guests: MakeGuests | None = None,
    ) -> None:
        self._directory = directory
        self._wanted = settings
        self._guests: Guests = guests or NoGuests()
        self._make_guests = make_guests
        self._running = ExitStack()

    def start(self) -> None:
        """Returns when the API answers and the machines that ran before run again.

        Raises PortTaken; pydantic.ValidationError for stored settings that this version does not know.
        """
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as stack:
            self._serve(stack)
            self._running = stack.pop_all()

    def stop(self) -> None:
        """Ends the API, and the processes of every machine; their states stay as they are."""
        self._running.close()

    def _serve(self, stack: ExitStack) -> None:
        """Puts on the stack what ends each thing that it started."""
        self._database = Database(self._directory / DATABASE)
        stack.callback(self._database.close)
        settings = self._settings()
        listener = self._listen(settings, stack)
        self._make_world(settings, stack)
        self._start_guests(settings, stack)
        self._scheduler = Scheduler(self._world, self._guests)
        app = create_app(self._world, self._scheduler)
        self._control: Control = app.state.control
        stack.callback(self._scheduler.stop)
        self._scheduler.start()
        server = ApiServer(app, listener)
        stack.callback(server.stop)
        server.start()

    def _settings(self) -> SandboxSettings:
        stored = self._database.fact("settings")
        if self._wanted is None and stored:
            return SandboxSettings.model_validate_json(stored)
        settings = self._wanted or SandboxSettings()
        self._database.set_fact("settings", settings.model_dump_json())
        return settings

    def _listen(self, settings: SandboxSettings, stack: ExitStack) -> socket.socket:
        listener, guard = listen(settings.port or int(self._database.fact("port") or 0), settings.ssh_port)
        for one in (listener, guard):
            stack.callback(one.close)
        self._port: int = listener.getsockname()[1]
        self._database.set_fact("port", str(self._port))
        return listener

    def _make_world(self, settings: SandboxSettings, stack: ExitStack) -> None:
        now = self._database.fact("now")
        clock = Clock(manual=settings.clock == "manual", now=float(now) if now else None)
        stack.callback(lambda: self._database.set_fact("now", str(clock.now())))
        self._world = World(self._database, settings, clock, address_block(self._port))
        self.api_key = account.api_key(self._world)

    def _start_guests(self, settings: SandboxSettings, stack: ExitStack) -> None:
        if self._make_guests:
            self._guests = self._make_guests(self._directory, settings.ssh_port, self.powered_off_inside)
            if isinstance(self._guests, Closable):
                stack.callback(self._guests.close)
        stack.callback(self._halt_guests)

    def _halt_guests(self) -> None:
        for machine_id in self._guests.running():
            self._guests.halt(machine_id)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base URL of the API, as PAPERSPACE_API_URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def admin_url(self) -> str:
        """The base URL of the admin routes."""
        return f"http://127.0.0.1:{self._port}/sandbox"

    @property
    def control(self) -> Control:
        return self._control

    def powered_off_inside(self, machine_id: str) -> None:
        """For guests to call: the machine has powered itself off. Its state follows the switch."""
        self._control.powered_off_inside(machine_id)

    def state(self) -> dict[str, Any]:
        """GET /sandbox/state."""
        return self._control.state()

    def mail(self) -> list[dict[str, str]]:
        """GET /sandbox/mail: the passwords of the machines."""
        return self._control.mail()

    def add_fault(self, operation: str, kind: FaultKind, **details: Any) -> None:
        """POST /sandbox/faults. Raises pydantic.ValidationError, BadRequest."""
        self._control.plan_fault(Fault(operation=operation, kind=kind, **details))

    def faults(self) -> list[dict[str, Any]]:
        """GET /sandbox/faults: the planned faults with `used` and `left`."""
        return self._control.faults()

    def clear_faults(self) -> None:
        """DELETE /sandbox/faults."""
        self._control.clear_faults()

    def change_settings(self, **changes: Any) -> SandboxSettings:
        """PUT /sandbox/settings. Raises pydantic.ValidationError, BadRequest."""
        return self._control.change_settings(**changes)

    def advance(self, seconds: float) -> bool:
        """POST /sandbox/clock: returns when what came due is done."""
        return self._control.advance(seconds)

    def settle(self, timeout: float = 120) -> bool:
        """Waits until nothing is due or under way."""
        return self._control.settle(timeout)

    def set_capacity(
        self, machine_type: str, region: str, *, available: bool = True, silent_failure: bool | int = False
    ) -> None:
        """POST /sandbox/capacity. Raises BadRequest."""
        self._control.set_capacity(machine_type, region, available=available, silent_failure=silent_failure)

    def power_off(self, machine_id: str) -> None:
        """POST /sandbox/machines/{id}/power-off: the machine stops by itself and is off on return."""
        self._control.power_off(machine_id)
