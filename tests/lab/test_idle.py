"""The idle stop asked and extended over a real SSH server, whose `idle-stop` and `systemctl` are played."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh
import pytest

from lab import audit, extensions, idle, machine_shell, power
from lab.idle import IdleLook, NotExtended
from lab.machine_shell import MachineSilent
from lab.outputs import Outputs
from tests.components.guest import GuestHome
from tests.lab.project_files import make_project
from tests.lab.test_sweep import machine

IDLE_STOP = """\
[ "$1 $2" = "extend 0" ] && { echo "The extension is taken back."; exit; }
[ "$1 $2" = "extend 25" ] && { echo "give a time such as 2h or 90m, 24 h at most, not 25" >&2; exit 2; }
echo "The machine stays on until 2026-11-25T03:14Z ($2 h), and is billed for it."
echo "The hard limit ends it at 2026-11-25T08:00Z whatever happens."
"""
LEDGER = """\
2026-11-25T00:14:00Z stay: the machine was switched on
2026-11-25T01:14:00Z warn: no use for 60 min, last: a notebook was used
2026-11-25T01:16:00Z extend: kept on by hand until 2026-11-25T03:16Z
2026-11-25T01:24:00Z power off: no use for 70 min, last: a notebook was used
"""


@pytest.fixture(autouse=True)
def idle_stop(guest: GuestHome) -> None:
    guest.command("systemctl", "echo active")
    guest.command("idle-stop", IDLE_STOP)
    ledger = guest.root / "var" / "lib" / "fastai" / "idle_ledger"
    ledger.parent.mkdir(parents=True)
    ledger.write_text(LEDGER)


def test_a_machine_tells_whether_its_idle_stop_runs_and_what_it_thought(
    reachable: Outputs, guest: GuestHome
) -> None:
    seen = idle.look(reachable)
    assert (seen.armed, len(seen.ledger), seen.silence) == (True, 3, "")
    assert idle.reason_in(seen.ledger, UTC) == (
        "25 Nov 01:24 power off: no use for 70 min, last: a notebook was used"
    )
    guest.command("systemctl", "echo inactive; exit 3")
    (guest.root / "var" / "lib" / "fastai" / "idle_ledger").unlink()
    assert idle.look(reachable) == IdleLook(armed=False)


def test_an_extension_says_until_when_and_names_the_hard_limit(reachable: Outputs) -> None:
    lines = idle.extend(reachable, 2)
    assert idle.until_in(lines) == datetime(2026, 11, 25, 3, 14, tzinfo=UTC)
    assert "hard limit" in lines[1]
    assert idle.until_in(idle.extend(reachable, 0)) is None


def test_a_machine_that_does_not_extend_says_why(reachable: Outputs, guest: GuestHome) -> None:
    with pytest.raises(NotExtended, match="24 h at most, not 25"):
        idle.extend(reachable, 25)
    (guest.root / "bin" / "idle-stop").unlink()
    with pytest.raises(NotExtended, match="has no idle stop"):
        idle.extend(reachable, 2)


def test_a_machine_that_does_not_answer_is_told_and_not_waited_for(
    reachable: Outputs, guest: GuestHome
) -> None:
    guest.command("idle-stop", "sleep 60")
    with pytest.raises(MachineSilent, match="no answer in time"):
        machine_shell.ask(reachable, "idle-stop extend 2", seconds=0.2)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    seen = idle.look(reachable.model_copy(update={"ssh_port": port}))
    assert seen.armed is None
    assert f"127.0.0.1:{port}" in seen.silence
    stranger = reachable.model_copy(update={"known_hosts": f"fastai-dev {an_ed25519_key()}"})
    assert "another host key" in idle.look(stranger).silence


def an_ed25519_key() -> str:
    return asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("ready", ""),
        ("off", "the machine is off; lab start anna switches it on"),
        ("starting", "the machine is starting; try again"),
    ],
)
def test_only_a_machine_that_is_on_can_be_asked(state: str, expected: str) -> None:
    assert power.not_on(machine("anna", state)).startswith(expected)
    assert bool(power.not_on(machine("anna", state))) == bool(expected)
    assert "lab up anna" in power.not_on(replace(machine("anna", state), outputs={}, machine=None))


def test_a_running_machine_whose_idle_stop_does_not_run_is_found() -> None:
    running = replace(machine("anna", "ready"), idle_stop_minutes=60, outputs={"hourly_rate": 0.45})
    assert running.machine
    known = running.machine.model_copy(update={"auto_shutdown_enabled": True})
    anna = replace(running, machine=known)
    assert list(audit.unstopped([anna], {"anna": IdleLook(armed=True)})) == []
    assert list(audit.unstopped([anna], {"anna": IdleLook(silence="no answer")})) == []
    [found] = audit.unstopped([anna], {"anna": IdleLook(armed=False)})
    assert (found.kind, found.what, found.hourly) == ("never stops", "anna: the idle stop does not run", 0.45)
    [found] = audit.unstopped([replace(anna, idle_stop_minutes=0)], {"anna": IdleLook(armed=False)})
    assert found.what == "anna: idle stop off"


def test_who_was_kept_on_is_remembered_until_then_and_a_damaged_file_keeps_nobody(tmp_path: Path) -> None:
    project, now = make_project(tmp_path), datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    later = now + timedelta(hours=2)
    extensions.record(project, {"anna": later, "bob": now + timedelta(minutes=5)}, now)
    assert set(extensions.kept_on(project, now)) == {"anna", "bob"}
    extensions.record(project, {"carl": later}, now + timedelta(minutes=10))
    assert extensions.kept_on(project, now) == {"anna": later, "carl": later}
    extensions.record(project, {"anna": None}, now)
    assert set(extensions.kept_on(project, now)) == {"carl"}
    for damaged in ("{", "[]", '{"anna": 3}'):
        extensions.path_in(project).write_text(damaged)
        assert extensions.kept_on(project, now) == {}
