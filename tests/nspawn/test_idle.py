"""What keeps a machine on and what does not, with real terminals, tunnels, kernels and a real power off.

The cases take real time: each waits for what its machine does, a few machines side by side.
"""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from components import guest_files
from components.home_packing import Packing, command
from sandbox.server import Sandbox
from tests.nspawn.idle_machine import GRACE, IDLE, NOTEBOOK_PORT, TICK, TOKEN, IdleMachine, idle_machine

SIDE_BY_SIDE = 3
WATCHED = IDLE + GRACE + 12
KERNEL = """\
import asyncio, json, sys, time, urllib.request
from tornado.websocket import websocket_connect
from tornado.httpclient import HTTPRequest
head = {"Authorization": "token " + sys.argv[2], "Content-Type": "application/json"}
def call(path, body):
    url = "http://localhost:" + sys.argv[1] + path
    request = urllib.request.Request(url, json.dumps(body).encode(), head)
    return json.load(urllib.request.urlopen(request))
asked = {"path": "x.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
session = call("/api/sessions", asked)
async def main():
    url = "ws://localhost:" + sys.argv[1] + "/api/kernels/" + session["kernel"]["id"] + "/channels"
    line = await websocket_connect(HTTPRequest(url, headers=head))
    message = {"msg_id": "1", "msg_type": "execute_request", "session": "s", "username": "", "version": "5.3"}
    content = {"code": sys.argv[3], "silent": False, "store_history": False, "user_expressions": {},
               "allow_stdin": False, "stop_on_error": True}
    await line.write_message(json.dumps({"channel": "shell", "header": message, "parent_header": {},
                                         "metadata": {}, "content": content}))
    while True:
        answer = json.loads(await line.read_message())
        if answer.get("content", {}).get("execution_state") == "busy":
            break
asyncio.run(main())
print(session["id"])
"""
PYTHON = "~/anaconda3/envs/fastai/bin/python"

Case = Callable[[IdleMachine], None]
CASES: dict[str, tuple[Case, dict[str, int]]] = {}


def case(**limits: int) -> Callable[[Case], Case]:
    """Adds a case to the matrix; its machine gets these limits beside the usual ones."""

    def added(function: Case) -> Case:
        CASES[function.__name__] = (function, limits)
        return function

    return added


def expects_off(machine: IdleMachine) -> None:
    """Off by itself, and not before its time."""
    assert machine.goes_off() >= IDLE + GRACE - 2 * TICK


# --- off ---


@case()
def nobody_there_goes_off(machine: IdleMachine) -> None:
    expects_off(machine)


@case()
def forgotten_tunnel_with_keepalives_goes_off(machine: IdleMachine) -> None:
    machine.ssh("-N", "-o", "ServerAliveInterval=1", "-L", f"{free_port()}:localhost:{NOTEBOOK_PORT}")
    expects_off(machine)


@case()
def open_tab_that_polls_goes_off(machine: IdleMachine) -> None:
    port = free_port()
    machine.ssh("-N", "-L", f"{port}:localhost:{NOTEBOOK_PORT}")
    polls = Polling(port)
    machine.leaving.callback(polls.stop)
    polls.start()
    expects_off(machine)
    assert polls.answered > IDLE / 2


@case()
def untouched_shell_with_tail_goes_off(machine: IdleMachine) -> None:
    machine.ssh("-tt", "--", "tail -f /var/log/dpkg.log")
    expects_off(machine)


@case()
def shell_that_prints_each_second_goes_off(machine: IdleMachine) -> None:
    machine.ssh("-tt", "--", "while sleep 1; do date; done")
    expects_off(machine)


@case()
def silent_command_without_terminal_goes_off(machine: IdleMachine) -> None:
    machine.ssh("-o", "ServerAliveInterval=1", "--", "sleep 10000")
    expects_off(machine)


@case()
def silent_open_forward_goes_off(machine: IdleMachine) -> None:
    machine.does("sudo systemd-run --quiet python3 -m http.server 6006 --bind 127.0.0.1")
    port = free_port()
    machine.ssh("-N", "-o", "ServerAliveInterval=1", "-L", f"{port}:127.0.0.1:6006")
    machine.leaving.enter_context(opened(port))
    expects_off(machine)


@case(never_connected=12)
def rebooted_machine_that_nobody_comes_to_goes_off_sooner(machine: IdleMachine) -> None:
    before = boot(machine)
    machine.ssh("--", "sudo systemctl reboot")
    machine.wait(lambda: boot(machine) not in ("", before), "it is up again")
    begun = time.monotonic()
    machine.goes_off()
    assert "nobody connected since the machine was switched on" in machine.ledger()[-1]
    assert time.monotonic() - begun < IDLE + GRACE


@case(max_uptime=75)
def uptime_limit_ends_a_machine_in_use(machine: IdleMachine) -> None:
    types_each_4_seconds(machine)
    machine.goes_off()
    assert "is the most whatever happens" in machine.ledger()[-1]


# --- up ---


@case()
def typing_keeps_on(machine: IdleMachine) -> None:
    typing = types_each_4_seconds(machine)
    machine.stays_on(WATCHED)
    typing.set()
    machine.goes_off()


@case()
def silent_busy_kernel_keeps_on(machine: IdleMachine) -> None:
    code = "import time; time.sleep(10000)"
    session = machine.does(f"{PYTHON} - {NOTEBOOK_PORT} {TOKEN} '{code}' <<'END'\n{KERNEL}END")
    machine.stays_on(WATCHED)
    place = f"localhost:{NOTEBOOK_PORT}/api/sessions/{session}"
    machine.does(f"curl -fsS -X DELETE -H 'Authorization: token {TOKEN}' {place}")
    machine.goes_off()


@case()
def computing_without_a_login_keeps_on(machine: IdleMachine) -> None:
    computing = machine.does("nohup sh -c 'while :; do :; done' >/dev/null 2>&1 </dev/null & echo $!")
    machine.stays_on(WATCHED)
    machine.does(f"kill {computing}")
    machine.goes_off()


@case()
def slow_stream_without_terminal_keeps_on(machine: IdleMachine) -> None:
    stream = machine.ssh("--", "while sleep 1; do head -c 300 /dev/zero; done")
    machine.stays_on(WATCHED)
    stream.kill()
    machine.goes_off()


@case()
def archive_that_root_packs_keeps_on(machine: IdleMachine) -> None:
    machine.does("head -c 50M /dev/urandom >photos")
    packer = machine.ssh("--", command(Packing("anna", "ps1", "/nowhere")), stdout=subprocess.PIPE)
    assert packer.stdin
    assert packer.stdout
    packer.stdin.write(guest_files.read("pack_home.py").encode())
    packer.stdin.close()
    packer.stdin = None  # for whoever ends it
    assert packer.stdout.read(1)  # and no more: it waits for us
    machine.stays_on(WATCHED)
    packer.kill()
    machine.goes_off()


@case()
def extension_keeps_on_and_ends(machine: IdleMachine) -> None:
    machine.does("idle-stop extend 1m")
    begun = time.monotonic()
    machine.stays_on(WATCHED)
    machine.goes_off()
    assert time.monotonic() - begun > 60
    assert any(line.startswith("extend: kept on by hand until") for line in machine.ledger())


@case()
def short_login_in_the_grace_time_cancels(machine: IdleMachine) -> None:
    machine.wait(machine.warned, "it warns")
    machine.does("true")
    machine.wait(lambda: machine.ledger()[-1].startswith("stay: someone logged in or out"), "it stays")
    begun = time.monotonic()
    machine.goes_off()
    assert time.monotonic() - begun > IDLE


@case()
def reboot_begins_anew(machine: IdleMachine) -> None:
    machine.wait(machine.warned, "it warns")
    machine.ssh("--", "sudo systemctl reboot")
    machine.wait(lambda: machine.ledger()[-1] == "stay: the machine was switched on", "it booted")
    begun = time.monotonic()
    machine.goes_off()
    assert time.monotonic() - begun > IDLE


# --- the matrix ---

Results = dict[str, "Future[float]"]


@pytest.fixture(scope="module")
def results(
    sandbox: Sandbox, folder: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Results]:
    """Every chosen case under way, a few side by side; each gives the seconds that it took."""
    keys = tmp_path_factory.mktemp("keys")
    chosen = [
        item.callspec.params["name"] for item in request.session.items if "results" in item.fixturenames
    ]  # type: ignore[attr-defined]

    def play(name: str) -> float:
        function, limits = CASES[name]
        begun = time.monotonic()
        with idle_machine(sandbox, folder, keys / name.replace("_", "-")[:40], **limits) as machine:
            function(machine)
        return time.monotonic() - begun

    with ThreadPoolExecutor(SIDE_BY_SIDE) as players:
        yield {name: players.submit(play, name) for name in chosen}
        players.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", CASES)
def test_idle(results: Results, name: str, record_property: Callable[[str, object], None]) -> None:
    record_property("seconds", results[name].result())


class Polling(threading.Thread):
    """What an open tab asks of Jupyter, through a tunnel."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._at = f"http://127.0.0.1:{port}/api/"
        self._stopped = threading.Event()
        self.answered = 0

    def run(self) -> None:
        while not self._stopped.wait(1):
            for path in ("kernels", "sessions", "terminals"):
                try:
                    header = {"Authorization": f"token {TOKEN}"}
                    self.answered += requests.get(self._at + path, headers=header, timeout=5).ok
                except requests.RequestException:
                    continue

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def types_each_4_seconds(machine: IdleMachine) -> threading.Event:
    """Someone types into a terminal until the event is set."""
    shell = machine.ssh("-tt", "--", "cat >/dev/null")
    stopped = threading.Event()

    def type_on() -> None:
        while not stopped.wait(4) and shell.stdin:
            try:
                shell.stdin.write(b"x\n")
                shell.stdin.flush()
            except (OSError, ValueError):
                return

    threading.Thread(target=type_on, daemon=True).start()
    machine.leaving.callback(stopped.set)
    return stopped


def boot(machine: IdleMachine) -> str:
    """The boot's id; empty while nobody is let in."""
    try:
        return machine.does("cat /proc/sys/kernel/random/boot_id")
    except AssertionError:
        return ""


def opened(port: int) -> socket.socket:
    """A connection that says nothing."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the tunnel does not open"
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
