from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from components import findings, probe, step
from components.findings import Finding
from components.step import Step
from tests.components.guest import GuestHome, shell_step

DONE = "echo once >>~/done"


def times_done(guest: GuestHome) -> int:
    done = guest.home / "done"
    return len(done.read_text().splitlines()) if done.exists() else 0


def until_exists(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def start(guest: GuestHome, each: Step, token: str) -> subprocess.Popen[str]:
    """The step under way, its SSH side in a process group that can be cut off."""
    process = subprocess.Popen(
        ["bash", "-s"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=guest.environment(STEP_TOKEN=token, STEP_SUMMARY="s", HEARTBEAT_SECONDS="1"),
        cwd=guest.home,
        text=True,
        start_new_session=True,
    )
    assert process.stdin
    process.stdin.write(step.standard_input(each, each.plan({})))
    process.stdin.close()
    process.stdin = None
    return process


def gated(gate: Path, after: str) -> Step:
    """A step that signals that it runs and ends when `gate` can be read (a named pipe)."""
    return shell_step(f"echo begun >~/begun\ncat {gate} >/dev/null\n{after}")


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "gate")
    return tmp_path / "gate"


def test_a_body_runs_once_under_one_token(guest: GuestHome) -> None:
    for _ in range(2):
        assert guest.run(shell_step(DONE), "new-1").returncode == 0
    assert times_done(guest) == 1


def test_another_token_runs_the_body_again(guest: GuestHome) -> None:
    for token in ("new-1", "drift-2"):
        assert guest.run(shell_step(DONE), token).returncode == 0
    assert times_done(guest) == 2


def test_another_body_runs_under_the_same_token(guest: GuestHome) -> None:
    guest.run(shell_step(DONE), "new-1")
    guest.run(shell_step(f"{DONE}\ntrue"), "new-1")
    assert times_done(guest) == 2


def test_a_failure_gives_its_status_and_the_end_of_the_log_in_ascii(guest: GuestHome) -> None:
    body = (
        "for i in $(seq 100); do echo line $i; done; printf 'bar 1%%\\rbar 2%%\\n'; printf '\\xff\\n'; exit 7"
    )
    result = guest.run(shell_step(body), "new-1")
    assert result.returncode == 7
    assert "work failed with status 7" in result.stderr
    assert "line 99" in result.stderr
    assert "bar 1%\nbar 2%" in result.stderr
    assert "line 40\n" not in result.stderr
    assert result.stderr.isascii()


def test_lines_of_a_failure_are_cut_and_stay_far_below_the_limits(guest: GuestHome) -> None:
    result = guest.run(shell_step("head -c 300000 /dev/zero | tr '\\0' x; exit 1"), "new-1")
    assert result.returncode == 1
    assert max(map(len, result.stderr.splitlines())) <= 500


def test_much_output_without_a_newline_reaches_the_log_and_not_the_ssh_side(guest: GuestHome) -> None:
    result = guest.run(shell_step("head -c 300000 /dev/zero | tr '\\0' x"), "new-1")
    assert (result.returncode, len(result.stdout)) == (0, 0)
    assert (guest.steps / "work" / "log").stat().st_size == 300_000


def test_a_failed_step_is_found_dirty_and_runs_again_under_its_token(guest: GuestHome) -> None:
    failing = shell_step(f"{DONE}\nfalse")
    guest.run(failing, "new-1")
    marker = guest.find(failing)["work"].marker
    assert marker
    assert (marker.token, marker.ok, marker.running) == ("new-1", False, False)
    guest.run(failing, "new-1")
    assert times_done(guest) == 2


def test_a_cut_connection_leaves_the_work_running_and_the_next_run_attaches(
    guest: GuestHome, gate: Path
) -> None:
    working = gated(gate, DONE)
    cut_off = start(guest, working, "new-1")
    until_exists(guest.home / "begun", cut_off)
    os.killpg(cut_off.pid, signal.SIGKILL)
    cut_off.communicate()
    marker = guest.find(working)["work"].marker
    assert marker
    assert (marker.ok, marker.running) == (False, True)
    attached = start(guest, working, "new-1")
    gate.write_text("go")
    attached.communicate(timeout=20)
    assert attached.returncode == 0
    assert times_done(guest) == 1


def test_a_newer_version_waits_for_the_one_under_way(guest: GuestHome, gate: Path) -> None:
    older = start(guest, gated(gate, "echo older >>~/order"), "new-1")
    until_exists(guest.home / "begun", older)
    newer = start(guest, shell_step("echo newer >>~/order"), "new-1")
    gate.write_text("go")
    for process in (older, newer):
        process.communicate(timeout=20)
    assert (guest.home / "order").read_text().split() == ["older", "newer"]


def test_a_killed_worker_is_a_failure(guest: GuestHome) -> None:
    result = guest.run(shell_step("kill -9 $PPID; sleep 0.1"), "new-1")
    assert result.returncode == 137
    assert guest.run(shell_step("kill -9 $PPID; sleep 0.1"), "new-1").returncode == 137


def test_a_service_that_the_body_starts_does_not_hold_the_step(guest: GuestHome) -> None:
    result = guest.run(shell_step("setsid sleep 5 >/dev/null 2>&1 & echo $! >~/pid"), "new-1")
    marker = guest.find(shell_step("true"))["work"].marker
    os.kill(int((guest.home / "pid").read_text()), signal.SIGKILL)
    assert result.returncode == 0
    assert marker
    assert not marker.running


def test_secrets_reach_the_body_on_standard_input_only(guest: GuestHome) -> None:
    body = "cat >~/secret; tr '\\0' '\\n' </proc/self/environ >~/seen; ps -eo args >>~/seen"
    guest.run(shell_step(body, secrets="hunter2 'quoted'"), "new-1")
    assert (guest.home / "secret").read_text() == "hunter2 'quoted'"
    seen = (guest.home / "seen").read_text()
    assert "hunter2" not in seen
    assert "aHVudGVyMg" not in seen
    for path in guest.steps.rglob("*"):
        assert not path.is_file() or "hunter2" not in path.read_text()


def test_the_runner_files_are_private(guest: GuestHome) -> None:
    guest.run(shell_step("true"), "new-1")
    modes = {path.name: path.stat().st_mode & 0o077 for path in guest.steps.rglob("*")}
    assert set(modes.values()) == {0}


def test_nothing_a_body_starts_can_eat_the_rest_of_the_input(guest: GuestHome) -> None:
    result = guest.run(shell_step("cat >/dev/null; echo end >~/end"), "new-1")
    assert result.returncode == 0
    assert (guest.home / "end").exists()


def test_the_probe_answers_for_all_steps_and_changes_nothing(guest: GuestHome) -> None:
    guest.run(shell_step("true", name="first"), "new-1")
    before = sorted(guest.home.rglob("*"))
    found = guest.find(
        shell_step("true", check="echo head=abc; echo drift=it is off; exit 1", name="first"),
        shell_step("true", check="true", name="second"),
    )
    assert sorted(guest.home.rglob("*")) == before
    assert (found["first"].satisfied, found["first"].drift) == (False, "it is off")
    assert found["first"].facts["head"] == "abc"
    assert found["second"] == Finding(None, True, {})


def test_a_check_that_hangs_is_not_satisfied_and_holds_nobody_up(guest: GuestHome) -> None:
    result = guest.bash(probe.script({"hanging": "sleep 60"}), CHECK_SECONDS="0.3")
    assert findings.parse(result.stdout)["hanging"].satisfied is False
