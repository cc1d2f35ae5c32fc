"""The idle stop installed and run: real bash and Python; systemd, sudo and wall are stand-ins."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys

import pytest

from components.guest import idle_files, idle_stop
from components.idle_stop import IdleLimits, idle_stop_step
from components.step import Step
from tests.components.guest import GuestHome

WANTS = "etc/systemd/system/timers.target.wants"
SYSTEMCTL = """\
echo "$*" >>@ROOT@/asked
cd @ROOT@
case $1 in
  enable) mkdir -p WANTS && ln -sf ../$2 WANTS/$2;;
  disable) rm -f WANTS/$3;;
  is-active) [ -L WANTS/$2 ] && echo active || { echo inactive; exit 3; };;
esac
"""


@pytest.fixture
def machine(guest: GuestHome) -> GuestHome:
    guest.command("sudo", 'exec "$@"')
    guest.command("wall", f'echo "$*" >>{guest.root}/told')
    guest.command("systemctl", SYSTEMCTL.replace("@ROOT@", str(guest.root)).replace("WANTS", WANTS))
    (guest.root / "proc").mkdir()
    return guest


def declared(idle: int = 60, never_connected: int = 30, max_uptime: int = 0) -> Step:
    return idle_stop_step(IdleLimits(idle, never_connected, max_uptime), 8889)


def install(machine: GuestHome, step: Step | None = None) -> None:
    step = step or declared()
    result = machine.run(step, f"t-{step.plan({}).version}")
    assert result.returncode == 0, result.stderr
    assert machine.find(step)["idle-stop"].satisfied


def installed(machine: GuestHome, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the installed program as the unit does."""
    library = str(machine.root / "usr/local/lib/fastai")
    return subprocess.run(
        [sys.executable, "-m", "components.guest.idle_stop", *arguments],
        env=machine.environment(PYTHONPATH=library),
        cwd=machine.root,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def tick(machine: GuestHome, *, max_uptime: int = 0, **limits: float) -> None:
    """One look; without limits any time without use is too long, and there is no grace."""
    options = [f"--{name}={value}" for name, value in ({"idle": 1e-9, "grace": 0} | limits).items()]
    result = installed(machine, f"--max-uptime={max_uptime}", "tick", *options)
    assert result.returncode == 0, result.stderr


def command(machine: GuestHome, arguments: str) -> subprocess.CompletedProcess[str]:
    """What a student types on the machine."""
    path = f"{machine.root}/usr/local/bin:{machine.environment()['PATH']}"
    return machine.bash(f"idle-stop {arguments}", PATH=path)


def ledger(machine: GuestHome) -> list[str]:
    return [
        line.split(" ", 1)[1]
        for line in (machine.root / "var/lib/fastai/idle_ledger").read_text().splitlines()
    ]


def asked(machine: GuestHome) -> list[str]:
    return (machine.root / "asked").read_text().splitlines()


def test_the_timer_is_installed_and_starts_with_the_machine(machine: GuestHome) -> None:
    assert not machine.find(declared())["idle-stop"].satisfied
    install(machine)
    service = (machine.root / "etc/systemd/system/fastai-idle-stop.service").read_text()
    assert "--idle 3600 --never-connected 1800 --grace 600" in service
    timer = (machine.root / "etc/systemd/system/fastai-idle-stop.timer").read_text()
    assert "AccuracySec=5s" in timer
    assert "enable fastai-idle-stop.timer" in asked(machine)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("usr/local/lib/fastai/components/guest/idle_decision.py", "program was changed"),
        ("etc/systemd/system/fastai-idle-stop.timer", "fastai-idle-stop.timer was changed"),
        ("usr/local/bin/idle-stop", "idle-stop was changed"),
        (f"{WANTS}/fastai-idle-stop.timer", "does not start with the machine"),
    ],
)
def test_what_was_changed_is_drift(machine: GuestHome, file: str, told: str) -> None:
    install(machine)
    (machine.root / file).unlink()
    assert told in machine.find(declared())["idle-stop"].drift


def test_zero_takes_it_away(machine: GuestHome) -> None:
    install(machine)
    install(machine, declared(0))
    assert asked(machine)[-1] == "disable --now fastai-idle-stop.timer"


def test_zero_on_a_fresh_machine_is_satisfied_from_the_start(machine: GuestHome) -> None:
    assert machine.find(declared(0))["idle-stop"].satisfied
    assert declared(0).plan({}).summary == "idle-stop: off"


def test_an_idle_machine_is_warned_and_then_powered_off_and_the_ledger_says_why(machine: GuestHome) -> None:
    install(machine)
    for _ in range(2):
        tick(machine)
    assert "To keep it on: idle-stop extend 2h" in (machine.root / "told").read_text()
    assert "poweroff" not in asked(machine)
    tick(machine)
    assert asked(machine)[-1] == "poweroff"
    assert [line.split(":")[0] for line in ledger(machine)] == ["stay", "warn", "power off"]
    assert "no use for 0 min, last: the machine was switched on" in ledger(machine)[1]


def test_the_longest_uptime_is_told_as_what_nothing_can_put_off(machine: GuestHome) -> None:
    install(machine)
    tick(machine, max_uptime=1, idle=3600)
    assert (machine.root / "told").read_text().endswith("whatever happens). Save your work.\n")
    tick(machine, max_uptime=1, idle=3600)
    assert asked(machine)[-1] == "poweroff"


def test_a_full_disk_keeps_no_machine_on(machine: GuestHome) -> None:
    install(machine)
    (machine.root / idle_files.LEDGER).mkdir(parents=True)
    for _ in range(3):
        tick(machine)
    assert asked(machine)[-1] == "poweroff"


def test_extend_keeps_it_on_says_what_it_means_and_is_in_the_ledger(machine: GuestHome) -> None:
    install(machine)
    told = command(machine, "extend 2h")
    assert (told.returncode, told.stderr) == (0, "")
    assert re.fullmatch(r"The machine stays on until \S+Z \(120 min\), and is billed for it.\n", told.stdout)
    for _ in range(2):
        tick(machine)
    assert [line.split(" until")[0] for line in ledger(machine)] == [
        "extend: kept on by hand",
        "stay: kept on by hand",
    ]
    assert "; kept on by hand until 20" in command(machine, "status").stdout
    assert command(machine, "ledger").stdout == (machine.root / idle_files.LEDGER).read_text()
    assert "when nobody uses it" in command(machine, "extend 0").stdout
    assert installed(machine, "status").stdout == "stay: kept on by hand\n"


def test_extend_tells_of_the_longest_uptime_that_comes_before(machine: GuestHome) -> None:
    install(machine, declared(max_uptime=1))
    assert "But not longer than 20" in command(machine, "extend 20h").stdout


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2h", 7200), ("90m", 5400), ("1h30m", 5400), ("2", 7200), ("0.5", 1800), ("0", 0), ("24h", 86_400)],
)
def test_the_ways_to_write_a_time(text: str, seconds: float) -> None:
    assert idle_stop.duration(text) == seconds


@pytest.mark.parametrize("text", ["-1", "25h", "soon", "", "h", "m", "2d", "nan", "1h2h"])
def test_what_makes_no_sense_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="give a time such as 2h or 90m, 24h at most"):
        idle_stop.duration(text)


def test_a_refused_time_extends_nothing(machine: GuestHome) -> None:
    install(machine)
    refused = command(machine, "extend soon")
    assert refused.returncode == 2
    assert "not soon" in refused.stderr
    assert not (machine.root / idle_files.LEASE).exists()


@pytest.mark.parametrize("text", ['{"memory": {"boo', '{"memory": {"boot": "b", "of_another_version": 1}}'])
def test_a_memory_that_cannot_be_read_is_started_anew(machine: GuestHome, text: str) -> None:
    install(machine)
    (machine.root / "run/fastai-idle").mkdir(parents=True)
    (machine.root / "run/fastai-idle/memory.json").write_text(text)
    tick(machine, idle=3600)
    assert json.loads((machine.root / "run/fastai-idle/memory.json").read_text())["action"] == "stay"


def test_status_says_what_the_last_look_found(machine: GuestHome) -> None:
    install(machine)
    assert installed(machine, "status").stdout == "nothing was looked at yet\n"
    tick(machine, idle=3600)
    assert installed(machine, "status").stdout == "stay: the machine was switched on\n"


def test_the_ledger_keeps_to_its_length(machine: GuestHome) -> None:
    path = machine.root / idle_files.LEDGER
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"t line {number}\n" for number in range(3000)))
    install(machine)
    tick(machine)
    assert len(ledger(machine)) == idle_files.LEDGER_LINES
    assert ledger(machine)[-1].startswith("stay")


def test_a_day_of_ticks_without_change_writes_one_line(machine: GuestHome) -> None:
    install(machine)
    for _ in range(3):
        tick(machine, idle=3600)
    assert ledger(machine) == ["stay: the machine was switched on"]
