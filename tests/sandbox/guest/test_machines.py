"""The life of a machine: what stays, what goes, and what nothing can survive."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest

from sandbox.guest.levels import PROJECT
from tests.ports import free_port
from tests.sandbox.guest.students import PASSWORD, Student, World, student_of
from tests.waiting import wait_until

STUBBORN = "env -i setsid bash -c 'trap \"\" TERM HUP; exec -a $0 sleep 987' %s </dev/null >/dev/null 2>&1 &"


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def only_name() -> str:
    """Of a process: all checkouts that are tested on this host see each other's."""
    return f"stubborn-{uuid.uuid4().hex}"


def alive(mark: str) -> bool:
    """Whether the host has a process of this name."""
    lines = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                lines.append((entry / "cmdline").read_bytes())
            except OSError:
                continue
    return any(mark.encode() in line.split(b"\0")[0] for line in lines)


def test_files_survive_halt_and_boot_and_go_at_delete(plain: Student, world: World) -> None:
    plain.out("echo kept > ~/notes; echo gone > /tmp/scratch; sudo mkdir -p ${GUEST_ROOT:-}/var/lib/mine")
    world.guests.halt(plain.machine)
    world.boot(plain.machine)
    assert plain.out("cat ~/notes; ls ${GUEST_ROOT:-}/var/lib") == "kept\nmine"
    world.guests.delete(plain.machine)
    assert not world.disk(plain.machine).parent.exists()


def test_tmp_and_run_are_empty_after_a_boot(plain: Student, world: World, level: str) -> None:
    if level != "L1":
        pytest.skip("at L0 /tmp is the host's")
    plain.out("touch /tmp/scratch; sudo touch /run/mark")
    world.guests.halt(plain.machine)
    world.boot(plain.machine)
    assert plain.out("ls /tmp; ls /run/mark 2>/dev/null || true") == ""


def test_every_call_may_be_repeated(plain: Student, world: World) -> None:
    world.boot(plain.machine)
    assert plain.machine in world.guests.running()
    world.guests.halt(plain.machine)
    world.guests.halt(plain.machine)
    assert plain.machine not in world.guests.running()
    world.guests.delete(plain.machine)
    world.guests.delete(plain.machine)


def test_a_halted_machine_refuses_connections(plain: Student, world: World) -> None:
    """Trap 9: at once; a real machine times out."""
    port = world.guests.port_of(plain.machine)
    world.guests.halt(plain.machine)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)


def test_halt_ends_what_ignores_signals_left_its_session_and_cleared_its_environment(
    plain: Student, world: World
) -> None:
    """Trap 6."""
    name = only_name()
    plain.out(STUBBORN % name)
    wait_until(lambda: alive(name), "the stubborn process runs")
    world.guests.halt(plain.machine)
    assert not alive(name)


def test_halt_cuts_open_sessions(plain: Student, world: World) -> None:
    session = subprocess.Popen(plain.command("echo begun; sleep 600"), stdout=subprocess.PIPE)
    assert session.stdout
    session.stdout.readline()
    world.guests.halt(plain.machine)
    session.communicate(timeout=30)
    assert session.returncode == 255


def test_two_machines_have_a_port_each_of_the_same_number(world: World, tmp_path: Path, level: str) -> None:
    """Trap 7."""
    if level != "L1":
        pytest.skip("at L0 the loopback is the host's")
    port = free_port()
    for machine in ("pstwin1", "pstwin2"):
        world.boot(machine)
        (tmp_path / machine).mkdir()
        student = student_of(world, tmp_path / machine, machine)
        program = f"{os.path.realpath(sys.executable)} -m http.server --bind 127.0.0.1 {port}"
        student.out(f"cd /tmp; echo {machine} > who; setsid {program} >/dev/null 2>&1 </dev/null &")
        student.out(f"until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do :; done")
        ask = f"exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET /who HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
        assert machine in student.out(ask)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    for machine in ("pstwin1", "pstwin2"):
        world.guests.delete(machine)


def test_a_machine_costs_few_descriptors(world: World) -> None:
    """Trap 10: a low limit of open files must not stop a class of students."""
    before = open_descriptors()
    for number in range(4):
        world.boot(f"psmany{number}")
    assert open_descriptors() - before <= 4 * 4
    for number in range(4):
        world.guests.delete(f"psmany{number}")
    assert open_descriptors() <= before


@pytest.mark.parametrize("command", ["sudo poweroff", "sudo shutdown now", "sudo systemctl poweroff"])
def test_a_machine_powers_itself_off_and_tells_when_it_is_off(
    plain: Student, world: World, command: str
) -> None:
    plain.run(command)
    assert world.off.get(timeout=30) == plain.machine
    assert plain.machine not in world.guests.running()
    assert world.disk(plain.machine).exists()


def test_poweroff_without_sudo_is_refused(plain: Student, world: World, level: str) -> None:
    if level != "L1":
        pytest.skip("at L0 there is no root to be told apart")
    assert plain.run("poweroff").returncode == 1
    assert plain.out("echo on") == "on"


def test_reboot_comes_back_with_the_same_files_and_a_new_boot(
    plain: Student, world: World, level: str
) -> None:
    plain.out("echo kept > ~/notes")
    boot_id = plain.out("cat ${GUEST_ROOT:-}/run/guest/boot_id 2>/dev/null || echo none")
    plain.run("sudo reboot")

    def back() -> bool:
        if plain.machine not in world.guests.running():
            return False
        done = plain.run("cat ~/notes; cat ${GUEST_ROOT:-}/run/guest/boot_id 2>/dev/null")
        return done.stdout.startswith("kept") and (level == "L0" or boot_id not in done.stdout)

    wait_until(back, "the machine is back")
    assert world.off.empty()


def test_a_root_that_removes_everything_hurts_only_its_machine(
    plain: Student, world: World, level: str
) -> None:
    if level != "L1":
        pytest.skip("at L0 nothing protects the host")
    plain.run("sudo rm -rf --no-preserve-root / 2>/dev/null", seconds=120)
    assert Path("/usr/bin/env").exists()
    assert (PROJECT / "sandbox/guest/guests.py").exists()
    assert (world.directory / "upstream/fastai.git/HEAD").exists()
    assert not (world.disk(plain.machine) / "home/paperspace").exists()
    world.guests.halt(plain.machine)


def test_the_host_is_not_in_the_machine(plain: Student, level: str) -> None:
    if level != "L1":
        pytest.skip("at L0 the host's files are there")
    assert plain.run(f"ls {PROJECT}").returncode != 0
    assert int(plain.out("ls /proc | grep -c '^[0-9]'")) < 12
    assert plain.run("sudo sh -c 'echo x > /proc/sys/kernel/core_pattern'").returncode != 0


def test_a_startup_script_runs_as_root_once(world: World, tmp_path: Path) -> None:
    world.boot("psstartup", script="echo run-by $(id -un) >> ${GUEST_ROOT:-}/home/paperspace/trace\n")
    trace = world.disk("psstartup") / "home/paperspace/trace"
    wait_until(lambda: trace.exists() and trace.read_text().endswith("\n"), "the script has run")
    assert trace.read_text() == "run-by root\n"
    world.guests.halt("psstartup")
    world.boot("psstartup")
    student = student_of(world, tmp_path, "psstartup")
    assert student.out("cat ~/trace; ls ${GUEST_ROOT:-}/var/lib/paperspace") == "run-by root"
    world.guests.delete("psstartup")


def test_an_address_in_use_fails_and_leaves_nothing_running(world: World, plain: Student) -> None:
    other = World(world.directory / "other", world.level)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        other.open(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="address already in use"):
            other.boot("pstaken")
    assert other.guests.running() == set()
    other.guests.close()


def test_machines_boot_and_halt_from_many_threads_at_once(world: World) -> None:
    names = [f"psthread{number}" for number in range(6)]
    threads = [threading.Thread(target=world.boot, args=(name,)) for name in names for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(names) <= world.guests.running()
    for name in names:
        world.guests.delete(name)


OWNER = """
import json, sys, time
from pathlib import Path
from sandbox.guest.guests import SshGuests
guests = SshGuests(Path(sys.argv[1]), 0, lambda machine: None)
how = {"template": "ubuntu", "address": "127.0.0.1", "password": sys.argv[2], "startup_script": sys.argv[3]}
guests.boot("psorphan", **how)
print(json.dumps(guests.port_of("psorphan")), flush=True)
time.sleep(600)
"""


def test_machines_end_with_the_sandbox_even_after_kill_9(tmp_path: Path, level: str) -> None:
    environment = os.environ | {"SANDBOX_GUEST_LEVEL": level, "PYTHONPATH": str(PROJECT)}
    name = only_name()
    command = [sys.executable, "-c", OWNER, str(tmp_path), PASSWORD, STUBBORN % name]
    owner = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert owner.stdout
    assert json.loads(owner.stdout.readline())
    wait_until(lambda: alive(name), "the machine's process runs")
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    wait_until(lambda: not alive(name), "nothing of the machine is left")
