"""The sandbox in the background: one process a directory, whatever happened to the one before."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import processes
from sandbox.daemon import Daemon, DaemonError, Record
from sandbox.resetting import reset
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.conftest import PROJECT


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "sandbox")
    yield daemon
    daemon.down()


def command(*arguments: str, code: int = 0) -> str:
    """What `python -m sandbox` printed, both outputs."""
    finished = subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == code, finished.stdout
    return finished.stdout


def call(record: Record, method: str, path: str, **options: Any) -> Any:
    headers = {"authorization": f"Bearer {record.api_key}"}
    with requests.request(method, record.url + path, headers=headers, timeout=10, **options) as response:
        assert response.status_code == 200, response.text
        return response.json()


def create_stopped_machine(record: Record) -> None:
    machine = {"name": "anna", "machineType": "GPU+", "templateId": "tzd1e8km", "diskSize": 50}
    call(record, "POST", "/machines", json=machine | {"region": "ny2", "startOnCreate": False})


def test_a_second_up_finds_the_first_and_env_and_status_speak_of_it(daemon: Daemon) -> None:
    folder = str(daemon.directory)
    first = command("up", "--directory", folder)
    assert command("up", "--directory", folder) == first
    record = daemon.serving()
    assert record.url in first
    assert command("env", "--directory", folder).splitlines() == [
        f"export PAPERSPACE_API_URL={record.url}",
        f"export PAPERSPACE_API_KEY={record.api_key}",
    ]
    create_stopped_machine(record)
    assert "anna" in command("status", "--directory", folder)
    assert "has ended" in command("down", "--directory", folder)
    assert "was not running" in command("down", "--directory", folder)
    assert not processes.is_alive(record.pid, record.started)


def test_the_daemon_outlives_its_terminal_and_only_its_owner_can_read_the_key(daemon: Daemon) -> None:
    record = daemon.up()
    with pytest.raises(DaemonError, match="end it first"):
        daemon.up(port=1)
    assert os.getsid(record.pid) == record.pid
    os.kill(record.pid, signal.SIGHUP)
    assert call(record, "GET", "/auth/session")["team"]
    assert (daemon.directory / "daemon.json").stat().st_mode & 0o077 == 0
    assert daemon.directory.stat().st_mode & 0o077 == 0


def test_port_key_and_machines_are_the_same_at_each_start_until_a_reset(daemon: Daemon) -> None:
    with Sandbox(daemon.directory) as before:
        create_stopped_machine(Record(0, "", "", before.url, before.api_key))
    after = daemon.up()
    assert (after.url, after.api_key) == (before.url, before.api_key)
    assert [machine["name"] for machine in call(after, "GET", "/machines")["items"]] == ["anna"]
    reset(daemon.directory)
    with Sandbox(daemon.directory) as empty:
        assert (empty.url, empty.api_key) == (before.url, before.api_key)
        assert empty.state()["machines"] == []


def test_settings_of_another_version_are_an_error_that_says_what_to_do(daemon: Daemon) -> None:
    with Sandbox(daemon.directory):
        pass
    with sqlite3.connect(daemon.directory / "paperspace.db") as database:
        database.execute("UPDATE facts SET value = '{\"colour\": 1}' WHERE name = 'settings'")
    database.close()
    with pytest.raises(DaemonError, match=r"(?s)colour.*python -m sandbox reset"):
        daemon.up()
    reset(daemon.directory)
    with Sandbox(daemon.directory) as recovered:
        assert recovered.control.settings == SandboxSettings()


def test_after_kill_9_up_serves_the_same_state_again(daemon: Daemon) -> None:
    before = daemon.up()
    create_stopped_machine(before)
    os.kill(before.pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not processes.is_alive(before.pid, before.started), 10)
    with pytest.raises(DaemonError, match="does not run"):
        daemon.serving()
    after = daemon.up()
    assert (after.url, after.api_key) == (before.url, before.api_key)
    assert len(call(after, "GET", "/machines")["items"]) == 1


def test_a_stale_record_never_ends_another_process(daemon: Daemon) -> None:
    daemon.directory.mkdir()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        record = f'{{"pid": {stranger.pid}, "started": "1", "boot": "{processes.boot_id()}", "url": "x"}}'
        (daemon.directory / "daemon.json").write_text(record)
        assert daemon.running() is None
        daemon.down()
        assert stranger.poll() is None
        stranger.kill()


def test_down_ends_machines_that_a_killed_daemon_left_behind(daemon: Daemon) -> None:
    daemon.directory.mkdir()
    script = "import time; time.sleep(60)"
    marks = ["sandbox.guest.init", f"{daemon.directory}/machines/ps1"]
    with subprocess.Popen([sys.executable, "-c", script, *marks]) as orphan:
        assert processes.wait_until(lambda: orphan.pid in processes.with_words(*marks), 10)
        assert daemon.down()
        assert orphan.wait(10) == -signal.SIGTERM


def test_a_port_that_another_program_has_is_named_in_the_error(daemon: Daemon) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        printed = command("up", "--directory", str(daemon.directory), "--port", str(port), code=1)
    assert f"Port {port} of 127.0.0.1" in printed
    assert daemon.running() is None


def test_env_without_a_daemon_says_how_to_start_it(tmp_path: Path) -> None:
    assert "python -m sandbox up" in command("env", "--directory", str(tmp_path), code=1)
