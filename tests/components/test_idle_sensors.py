"""Sensors on recordings below a folder, and Jupyter's on a real HTTP server."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from components.guest import idle_sensors
from components.guest.idle_decision import Signal
from components.guest.idle_sensors import Machine

WALL = 1_800_000_000.0
SS = """\
ESTAB 0 0 127.0.0.1:40000 127.0.0.1:6006 users:(("sshd",pid=9,fd=8)) cubic bytes_sent:{a} bytes_acked:1 bytes_received:10
ESTAB 0 0 127.0.0.1:40001 127.0.0.1:8889 users:(("sshd",pid=9,fd=9)) cubic bytes_sent:{b} bytes_acked:1 bytes_received:0
ESTAB 0 0 10.0.0.2:22 184.1.1.1:50000 users:(("sshd",pid=9,fd=4)) cubic bytes_sent:{c} bytes_acked:1 bytes_received:0
ESTAB 0 0 127.0.0.1:40002 127.0.0.1:5432 users:(("python",pid=7,fd=4)) cubic bytes_sent:{d} bytes_received:0
"""  # noqa: E501 - as `ss` prints it


def machine(root: Path, before: dict[str, Any] | None = None, elapsed: float = 60) -> Machine:
    return Machine(root, 8889, WALL, elapsed, before or {}, {})


def process(
    root: Path, pid: int, name: str, parent: int, *, tty: int = 0, ticks: int = 0, io: int = 0
) -> None:
    folder = root / "proc" / str(pid)
    folder.mkdir(parents=True, exist_ok=True)
    middle = f"0 0 {tty} 0 0 0 0 0 0 {ticks} 0 0 0 0 0 0 0"
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} {middle} 5000 0\n")
    (folder / "io").write_text(f"rchar: {io}\nwchar: 0\nsyscr: 0\n")


@pytest.fixture(autouse=True)
def everyone_is_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_sensors, "PEOPLE", range(70_000))


def test_typing_counts_and_output_does_not(tmp_path: Path) -> None:
    (tmp_path / "dev" / "pts").mkdir(parents=True)
    for name, typed, printed in (("0", 300, 1), ("1", 40, 1), ("ptmx", 0, 0)):
        (tmp_path / "dev" / "pts" / name).touch()
        os.utime(tmp_path / "dev" / "pts" / name, (WALL - typed, WALL - printed))
    assert idle_sensors.terminals(machine(tmp_path)).age == 40


def test_nobody_at_a_terminal_is_no_sign(tmp_path: Path) -> None:
    assert idle_sensors.terminals(machine(tmp_path)).age is None


def test_a_login_or_logout_counts_from_its_moment(tmp_path: Path) -> None:
    assert idle_sensors.logins(machine(tmp_path)).age is None
    (tmp_path / "run" / "systemd" / "sessions").mkdir(parents=True)
    os.utime(tmp_path / "run" / "systemd" / "sessions", (0, WALL - 20))
    assert idle_sensors.logins(machine(tmp_path)).age == 20


def tunnels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **grown: int) -> float | None:
    """The tunnels' age after a minute in which the sockets' bytes grew so much."""
    zero = dict.fromkeys("abcd", 0)
    monkeypatch.setattr(idle_sensors, "output_of", lambda _: SS.format(**zero))
    first = machine(tmp_path)
    idle_sensors.tunnels(first)
    monkeypatch.setattr(idle_sensors, "output_of", lambda _: SS.format(**zero | grown))
    return idle_sensors.tunnels(machine(tmp_path, first.counters)).age


@pytest.mark.parametrize(
    ("grown", "age"),
    [
        pytest.param({}, None, id="a forgotten ssh -N -L"),
        pytest.param({"a": 5000}, 0.0, id="TensorBoard read through a tunnel"),
        pytest.param({"a": 1000}, None, id="a few bytes"),
        pytest.param({"b": 50_000}, None, id="a tab that polls Jupyter: Jupyter itself is asked"),
        pytest.param({"c": 50_000}, None, id="keepalives on the connection itself"),
        pytest.param({"d": 50_000}, None, id="a program's own socket"),
    ],
)
def test_what_goes_through_a_tunnel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, grown: dict[str, int], age: float | None
) -> None:
    assert tunnels(monkeypatch, tmp_path, **grown) == age


def test_a_command_without_a_terminal_counts_by_what_it_reads_and_writes(tmp_path: Path) -> None:
    process(tmp_path, 10, "sshd", 1)
    process(tmp_path, 11, "rsync server)", 10, io=1000)
    process(tmp_path, 20, "jupyter", 1, io=1000)
    first = machine(tmp_path)
    assert idle_sensors.commands(first).age is None
    process(tmp_path, 20, "jupyter", 1, io=900_000)
    assert idle_sensors.commands(machine(tmp_path, first.counters)).age is None
    process(tmp_path, 11, "rsync server)", 10, io=9000)
    assert idle_sensors.commands(machine(tmp_path, first.counters)).age == 0.0


@pytest.mark.parametrize("variable", [b"STEP_TOKEN=new-1", b"FASTAI_STACK=yes"])
def test_the_stacks_own_sessions_are_no_use_of_the_machine(tmp_path: Path, variable: bytes) -> None:
    process(tmp_path, 10, "sshd", 1)
    process(tmp_path, 11, "bash", 10, io=1000)
    (tmp_path / "proc" / "11" / "environ").write_bytes(b"HOME=/home/paperspace\0" + variable + b"\0")
    first = machine(tmp_path)
    idle_sensors.commands(first)
    process(tmp_path, 11, "bash", 10, io=900_000)
    assert idle_sensors.commands(machine(tmp_path, first.counters)).age is None


def test_a_shell_with_a_terminal_is_no_command(tmp_path: Path) -> None:
    process(tmp_path, 10, "sshd", 1)
    process(tmp_path, 11, "bash", 10, tty=34816)
    first = machine(tmp_path)
    idle_sensors.commands(first)
    process(tmp_path, 11, "bash", 10, tty=34816, io=900_000)
    assert idle_sensors.commands(machine(tmp_path, first.counters)).age is None


@pytest.mark.parametrize(("seconds", "age"), [(30, 0.0), (3, None)], ids=["half a core", "a twentieth"])
def test_computing_counts_from_a_part_of_a_core(tmp_path: Path, seconds: int, age: float | None) -> None:
    hertz = os.sysconf("SC_CLK_TCK")
    process(tmp_path, 11, "python", 1, ticks=100 * hertz)
    first = machine(tmp_path)
    assert idle_sensors.processor(first).age is None
    process(tmp_path, 11, "python", 1, ticks=(100 + seconds) * hertz)
    assert idle_sensors.processor(machine(tmp_path, first.counters)).age == age


def test_roots_own_work_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_sensors, "PEOPLE", range(70_000, 80_000))
    process(tmp_path, 11, "apt", 1, ticks=10**9)
    first = machine(tmp_path)
    idle_sensors.processor(first)
    assert first.counters["processor"] == {}


@pytest.mark.parametrize(("listing", "age"), [("0\n", None), ("0\n87\n", 0.0), ("", None)])
def test_the_gpu_counts_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listing: str, age: float | None
) -> None:
    monkeypatch.setattr(idle_sensors, "output_of", lambda _: listing)
    assert idle_sensors.graphics(machine(tmp_path)).age == age


def test_a_driver_without_a_gpu_is_no_sign_and_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str]) -> str:
        raise subprocess.CalledProcessError(9, command)

    monkeypatch.setattr(idle_sensors, "output_of", fail)
    assert idle_sensors.graphics(machine(tmp_path)) == Signal("graphics")


def test_a_step_under_way_counts(tmp_path: Path) -> None:
    lock = tmp_path / "home/paperspace/.local/state/fastai/steps/fastai/worker.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    assert idle_sensors.steps(machine(tmp_path)).age is None
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert idle_sensors.steps(machine(tmp_path)).age == 0.0


# --- Jupyter ------------------------------------------------------------------------------------------


def stamp(age: float) -> str:
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%S.5Z", time.gmtime(WALL - age))


def kernel(state: str, age: float, path: str = "a.ipynb") -> dict[str, Any]:
    return {"path": path, "kernel": {"execution_state": state, "last_activity": stamp(age), "connections": 1}}


@contextmanager
def jupyter(
    root: Path, sessions: list[Any], terminals: list[Any], *, classic: bool = False
) -> Iterator[list[str]]:
    """A server that answers the two lists for its token, with its runtime file below `root`."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            let_in = self.headers["Authorization"] == "token t"
            body = json.dumps(sessions if "/api/sessions" in self.path else terminals).encode()
            self.send_response(200 if let_in else 403)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    runtime = root / "home/paperspace/.local/share/jupyter/runtime"
    runtime.mkdir(parents=True)
    (root / "proc" / "4").mkdir(parents=True)
    with HTTPServer(("localhost", 0), Handler) as server:
        port = server.server_address[1]
        about = {"pid": 4, "port": port, "token": "t"}
        about["notebook_dir" if classic else "root_dir"] = str(root / "fastai")
        (runtime / f"{'nb' if classic else 'jp'}server-4.json").write_text(json.dumps(about))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("sessions", "terminals", "age"),
    [
        pytest.param([], [], None, id="an open page without a kernel"),
        pytest.param([kernel("busy", 5000)], [], 0.0, id="a silent busy kernel"),
        pytest.param([kernel("idle", 500)], [], 500, id="an idle kernel: when it last worked"),
        pytest.param([kernel("starting", 0)], [], None, id="a kernel nobody ever connected to"),
        pytest.param([kernel("idle", 900)], [{"name": "1", "last_activity": stamp(70)}], 70, id="a terminal"),
    ],
)
def test_jupyter_is_asked_and_not_counted_by_its_connections(
    tmp_path: Path, sessions: list[Any], terminals: list[Any], age: float | None
) -> None:
    with jupyter(tmp_path, sessions, terminals) as asked:
        assert idle_sensors.jupyter(machine(tmp_path)).age == age
    assert all("no_track_activity=1" in path for path in asked)


@pytest.mark.parametrize("classic", [False, True], ids=["jupyter server", "notebook before 7"])
def test_saving_a_notebook_counts(tmp_path: Path, classic: bool) -> None:
    (tmp_path / "fastai").mkdir()
    (tmp_path / "fastai" / "a.ipynb").touch()
    os.utime(tmp_path / "fastai" / "a.ipynb", (0, WALL - 30))
    with jupyter(tmp_path, [kernel("idle", 900)], [], classic=classic):
        assert idle_sensors.jupyter(machine(tmp_path)).age == 30


def test_a_server_that_is_gone_and_left_its_file_is_no_sign(tmp_path: Path) -> None:
    with jupyter(tmp_path, [kernel("busy", 0)], []) as asked:
        (tmp_path / "proc" / "4").rmdir()
        assert idle_sensors.jupyter(machine(tmp_path)).age is None
    assert asked == []


def test_a_server_that_does_not_answer_is_a_failure_and_the_other_sensors_go_on(tmp_path: Path) -> None:
    with jupyter(tmp_path, [], []):
        pass
    signals = {each.sensor: each for each in idle_sensors.read_all(machine(tmp_path))}
    assert signals["jupyter"].failed
    assert not signals["processor"].failed
    assert len(signals) == len(idle_sensors.SENSORS)
