"""The idle stop installed and run: real bash and Python; systemd, sudo and wall are stand-ins."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from components.guest import idle_stop
from components.idle_stop import idle_stop_step
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


def install(machine: GuestHome, minutes: int = 60) -> None:
    result = machine.run(idle_stop_step(minutes, 8889), f"t-{minutes}")
    assert result.returncode == 0, result.stderr
    assert machine.find(idle_stop_step(minutes, 8889))["idle-stop"].satisfied


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


def tick(machine: GuestHome, **limits: int) -> None:
    options = [f"--{name}={value}" for name, value in ({"idle": 0, "grace": 0} | limits).items()]
    result = installed(machine, "tick", *options)
    assert result.returncode == 0, result.stderr


def ledger(machine: GuestHome) -> list[str]:
    return [
        line.split(" ", 1)[1]
        for line in (machine.root / "var/lib/fastai/idle_ledger").read_text().splitlines()
    ]


def asked(machine: GuestHome) -> list[str]:
    return (machine.root / "asked").read_text().splitlines()


def test_the_timer_is_installed_and_starts_with_the_machine(machine: GuestHome) -> None:
    assert not machine.find(idle_stop_step(60, 8889))["idle-stop"].satisfied
    install(machine)
    service = (machine.root / "etc/systemd/system/fastai-idle-stop.service").read_text()
    assert "--idle 3600 --grace 600" in service
    timer = (machine.root / "etc/systemd/system/fastai-idle-stop.timer").read_text()
    assert "AccuracySec=5s" in timer
    assert "enable fastai-idle-stop.timer" in asked(machine)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("usr/local/lib/fastai/components/guest/idle_decision.py", "program was changed"),
        ("etc/systemd/system/fastai-idle-stop.timer", "fastai-idle-stop.timer was changed"),
        ("usr/local/bin/keep-on", "keep-on was changed"),
        (f"{WANTS}/fastai-idle-stop.timer", "does not start with the machine"),
    ],
)
def test_what_was_changed_is_drift(machine: GuestHome, file: str, told: str) -> None:
    install(machine)
    (machine.root / file).unlink()
    assert told in machine.find(idle_stop_step(60, 8889))["idle-stop"].drift


def test_zero_takes_it_away(machine: GuestHome) -> None:
    install(machine)
    install(machine, 0)
    assert asked(machine)[-1] == "disable --now fastai-idle-stop.timer"


def test_zero_on_a_fresh_machine_is_satisfied_from_the_start(machine: GuestHome) -> None:
    assert machine.find(idle_stop_step(0, 8889))["idle-stop"].satisfied
    assert idle_stop_step(0, 8889).plan({}).summary == "idle-stop: off"


def test_an_idle_machine_is_warned_and_then_powered_off_and_the_ledger_says_why(machine: GuestHome) -> None:
    install(machine)
    tick(machine)
    assert "about to power off" in (machine.root / "told").read_text()
    assert "poweroff" not in asked(machine)
    tick(machine)
    assert asked(machine)[-1] == "poweroff"
    assert [line.split(":")[0] for line in ledger(machine)] == ["warn", "power off"]
    assert "no use for 0 min, last: the machine was switched on" in ledger(machine)[0]


def test_keep_on_keeps_it_on_and_says_what_it_means(machine: GuestHome) -> None:
    install(machine)
    told = machine.bash("keep-on 2", PATH=f"{machine.root}/usr/local/bin:{machine.environment()['PATH']}")
    assert "2 hours" in told.stdout, told.stderr
    for _ in range(2):
        tick(machine)
    assert ledger(machine) == ["stay: kept on by hand"]


@pytest.mark.parametrize("hours", ["-1", "1000", "soon"])
def test_keep_on_refuses_what_makes_no_sense(machine: GuestHome, hours: str) -> None:
    install(machine)
    assert installed(machine, "extend", hours).returncode != 0
    assert not (machine.root / "run/fastai-idle/lease.json").exists()


def test_a_memory_that_was_cut_off_is_started_anew(machine: GuestHome) -> None:
    install(machine)
    (machine.root / "run/fastai-idle").mkdir(parents=True)
    (machine.root / "run/fastai-idle/memory.json").write_text('{"memory": {"boo')
    tick(machine, idle=3600)
    assert json.loads((machine.root / "run/fastai-idle/memory.json").read_text())["action"] == "stay"


def test_status_says_what_the_last_look_found(machine: GuestHome) -> None:
    install(machine)
    assert installed(machine, "status").stdout == "nothing was looked at yet\n"
    tick(machine, idle=3600)
    assert installed(machine, "status").stdout == "stay: the machine was switched on\n"


def test_the_ledger_keeps_to_its_length(machine: GuestHome) -> None:
    path = machine.root / idle_stop.LEDGER
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"t line {number}\n" for number in range(3000)))
    install(machine)
    tick(machine)
    assert len(ledger(machine)) == idle_stop.LEDGER_LINES
    assert ledger(machine)[-1].startswith("warn")


def test_a_day_of_ticks_without_change_writes_one_line(machine: GuestHome) -> None:
    install(machine)
    for _ in range(3):
        tick(machine, idle=3600)
    assert ledger(machine) == ["stay: the machine was switched on"]
