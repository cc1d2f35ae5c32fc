"""The sandbox as a background process of one directory: it outlives the terminal; there is never a second.

`daemon.json` says which process it is, where it serves and with which key. A record whose process is gone, or
whose number belongs to another process by now, is stale and counts as none.

Only the standard library is imported here: every `make` target asks the daemon something, and waits for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox import processes

PROJECT = Path(__file__).resolve().parent.parent
_READY_WITHIN = 120.0
_ENDS_WITHIN = 30.0


class DaemonError(Exception):
    """The daemon did not start, or is not there; the text says what to do."""


@dataclass(frozen=True)
class Record:
    """daemon.json; `url` is empty until it serves."""

    pid: int
    started: str
    boot: str
    url: str = ""
    api_key: str = ""

    def is_alive(self) -> bool:
        return self.boot == processes.boot_id() and processes.is_alive(self.pid, self.started)


class Daemon:
    """What can be done to the daemon of a directory, from any process."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.log = self.directory / "sandbox.log"
        self._record = self.directory / "daemon.json"

    def up(self, port: int = 0) -> Record:
        """Starts it unless it runs, and returns when it answers. Raises DaemonError.

        port: 0 for that of the last time, or a free one.
        """
        with self._alone():
            running = self.running()
            if running is None:
                self._end_orphans()
                return self._wait_until_it_answers(self._spawn(port))
            if port not in (0, urlsplit(running.url).port):
                message = f"The sandbox runs at {running.url}. To move it to port {port}, end it first: down"
                raise DaemonError(message)
            return self._wait_until_it_answers(None)

    def down(self) -> bool:
        """Ends it and every process of its machines; whether there was something to end."""
        if not self.directory.exists():
            return False
        with self._alone():
            running = self.running()
            if running:
                processes.end(running.pid, running.started, _ENDS_WITHIN)
            orphans = self._end_orphans()
            self._record.unlink(missing_ok=True)
        return running is not None or orphans

    def stopped(self) -> AbstractContextManager[None]:
        """Ends it, and keeps every other command of this directory waiting until the block is done."""
        self.down()
        return self._alone()

    def running(self) -> Record | None:
        """Its record, when the process in it is alive and is really the one that wrote it."""
        try:
            record = Record(**json.loads(self._record.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return record if record.is_alive() else None

    def serving(self) -> Record:
        """Its record, when it answers. Raises DaemonError."""
        running = self.running()
        if running is None or not _answers(running):
            message = f"The sandbox of {self.directory} does not run. Start it: python -m sandbox up"
            raise DaemonError(message)
        return running

    def note(self, url: str = "", api_key: str = "") -> None:
        """Writes the record of this process; only its owner may read it."""
        pid = os.getpid()
        record = Record(pid, processes.started_at(pid) or "", processes.boot_id(), url, api_key)
        new = self._record.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(asdict(record)))
        new.replace(self._record)

    def forget(self) -> None:
        self._record.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One command at a time in this directory."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.directory / "daemon.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "sandbox", "serve", "--directory", str(self.directory)]
        self._record.unlink(missing_ok=True)
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [*command, "--port", str(port)],
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes] | None) -> Record:
        def is_decided() -> bool:
            ended = process.poll() is not None if process else self.running() is None
            return ended or _answers(self.running())

        processes.wait_until(is_decided, _READY_WITHIN)
        record = self.running()
        if record is None or not _answers(record):
            raise DaemonError(self._explain())
        if process:
            process.returncode = 0  # it lives on; nobody is to wait for it
        return record

    def _explain(self) -> str:
        said = self.log.read_text(errors="replace").strip() if self.log.exists() else ""
        return f"The sandbox did not start: {said[-1500:] or 'it said nothing'}\nIts log: {self.log}"

    def _end_orphans(self) -> bool:
        """Ends the machines of a daemon that was killed before it could."""
        orphans = processes.with_words("sandbox.guest.", f"{self.directory}/")
        for pid in orphans:
            if started := processes.started_at(pid):
                processes.end(pid, started, patience=2)
        return bool(orphans)


def _answers(record: Record | None) -> bool:
    return record is not None and bool(record.url) and bool(ask(record, "/v1/auth/session"))


def ask(record: Record, path: str) -> Any:
    """The JSON answer to a GET; None where there is none."""
    address = urlsplit(record.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=5)
    try:
        connection.request("GET", path, headers={"authorization": f"Bearer {record.api_key}"})
        return json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
