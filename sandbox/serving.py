"""What the daemon's own process does: serve until it is told to end."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path

from pydantic import ValidationError

from sandbox.daemon import Daemon
from sandbox.listening import PortTaken
from sandbox.paperspace.guests import MakeGuests
from sandbox.paperspace.state.database import Database
from sandbox.server import DATABASE, Sandbox
from sandbox.settings import SandboxSettings

log = logging.getLogger("sandbox")

NEXT_DAY = SandboxSettings(in_guest_poweroff="becomes-off")
"""An idle machine powers itself off overnight; where the API says so, the next `up` starts it again. Whether
the real one says so is not known (paperspace-api.md 2.4)."""


def serve(directory: Path, port: int = 0) -> None:
    """Returns after SIGTERM or SIGINT, with every machine halted. Exits with a line when the port is taken.

    port: 0 for that of the last time.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells every connection and command
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    daemon = Daemon(directory)
    daemon.note()
    settings = None if (daemon.directory / DATABASE).exists() else NEXT_DAY
    if port:
        _keep_port(daemon.directory, port)
    try:
        with Sandbox(daemon.directory, settings, make_guests=_guests_with_ssh()) as sandbox:
            daemon.note(sandbox.url, sandbox.api_key)
            log.info("serving at %s", sandbox.url)
            ended.wait()
            log.info("ending")
    except PortTaken as error:
        sys.exit(str(error))
    except ValidationError as error:
        sys.exit(
            f"{error}\nThe settings in {daemon.directory} are of another version: python -m sandbox reset"
        )
    finally:
        daemon.forget()


def _guests_with_ssh() -> MakeGuests | None:
    """Machines with SSH servers, where this computer can run them."""
    try:
        from sandbox.guest.guests import SshGuests
    except ImportError as error:
        log.warning("machines exist only in the API: %s", error)
        return None
    return SshGuests


def _keep_port(directory: Path, port: int) -> None:
    database = Database(directory / DATABASE)
    database.set_fact("port", str(port))
    database.close()
