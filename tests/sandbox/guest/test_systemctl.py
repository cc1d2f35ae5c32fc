"""The systemctl stand-in: real processes under systemd's words."""

from __future__ import annotations

import pytest

from tests.sandbox.guest.students import Student, World
from tests.waiting import wait_until

UNITS = "${GUEST_ROOT:-}/etc/systemd/system"


def unit(student: Student, name: str, text: str) -> None:
    student.out(f"sudo tee {UNITS}/{name}", given=text.encode())
    student.out("sudo systemctl daemon-reload")


def service(student: Student, name: str, lines: str, more: str = "") -> None:
    unit(
        student,
        name,
        f"[Unit]\nDescription=A test\n{more}[Service]\n{lines}\n[Install]\nWantedBy=multi-user.target\n",
    )


def test_an_enabled_service_starts_with_the_machine(plain: Student, world: World) -> None:
    service(plain, "a.service", "ExecStart=/bin/sleep 600")
    assert "multi-user.target.wants/a.service" in plain.run("sudo systemctl enable --now a").stderr
    assert plain.out("systemctl is-active a; systemctl is-enabled a.service") == "active\nenabled"
    world.guests.halt(plain.machine)
    world.boot(plain.machine)
    wait_until(lambda: plain.run("systemctl is-active -q a").returncode == 0, "the service is up")
    plain.out("sudo systemctl disable --now a")
    assert plain.run("systemctl is-enabled a").stdout == "disabled\n"
    assert (plain.run("systemctl is-active a").stdout, plain.run("systemctl is-active a").returncode) == (
        "inactive\n",
        3,
    )


def test_the_environment_folder_and_user_are_the_units(shared: Student, level: str) -> None:
    shared.out("echo FROM_FILE='a b' > ~/vars; mkdir -p ~/work")
    home = shared.out("echo $HOME")
    lines = (
        (
            f'Type=oneshot\nUser=paperspace\nWorkingDirectory={home}/work\nEnvironment=ONE=1 "TWO=2 2"\n'
            f"EnvironmentFile={home}/vars\nEnvironmentFile=-/nosuch\n"
            "ExecStart=/bin/sh -c 'echo $ONE/$TWO/$FROM_FILE/$$(pwd)/$$(id -un)'\n"
        )
        .replace("$$(", "$(")
        .replace("$ONE", "$${ONE}")
        .replace("$TWO", "$${TWO}")
        .replace("$FROM_FILE", "$${FROM_FILE}")
    )
    service(shared, "env.service", lines)
    shared.out("sudo systemctl start env")
    user = "paperspace" if level == "L1" else shared.out("id -un")
    assert f"1/2 2/a b/{home}/work/{user}" in shared.out("journalctl -u env -o cat")


def test_a_service_that_dies_is_started_again(shared: Student) -> None:
    service(shared, "r.service", "ExecStart=/bin/sleep 600\nRestart=always\nRestartSec=50ms")
    shared.out("sudo systemctl start r")
    first = shared.out("systemctl show -p MainPID --value r")
    shared.out(f"sudo kill -9 {first}")
    wait_until(lambda: shared.out("systemctl show -p NRestarts --value r") == "1", "it is started again")
    wait_until(lambda: shared.out("systemctl show -p MainPID --value r") not in ("0", first), "it runs")
    shared.out("sudo systemctl stop r")
    assert shared.run("systemctl is-active r").stdout == "inactive\n"


@pytest.mark.parametrize(
    ("rule", "code", "state"),
    [("on-failure", 0, "inactive"), ("no", 3, "failed"), ("on-success", 3, "failed")],
)
def test_restart_rules_decide_by_the_exit_code(shared: Student, rule: str, code: int, state: str) -> None:
    service(shared, "d.service", f"ExecStart=/bin/sh -c 'exit {code}'\nRestart={rule}")
    shared.run("sudo systemctl start d")
    wait_until(lambda: shared.run("systemctl is-active d").stdout == f"{state}\n", f"it is {state}")
    assert shared.run("systemctl is-failed -q d").returncode == (0 if state == "failed" else 1)


def test_a_service_that_always_fails_hits_the_start_limit(shared: Student) -> None:
    service(shared, "l.service", "ExecStart=/bin/false\nRestart=always\nRestartSec=10ms")
    shared.run("sudo systemctl start l")
    wait_until(lambda: "start-limit-hit" in shared.out("systemctl show -p Result l"), "it gives up")
    assert "repeated too quickly" in shared.out("journalctl -u l")


def test_stop_ends_the_whole_group_also_what_called_setsid(shared: Student) -> None:
    service(shared, "g.service", "ExecStart=/bin/sh -c 'setsid sleep 654 & sleep 655'")
    shared.out("sudo systemctl start g; until pgrep -fx 'sleep 654'; do :; done")
    shared.out("sudo systemctl stop g")
    assert shared.run("pgrep -fx 'sleep 65[45]'").returncode == 1


def test_a_failing_pre_command_fails_the_start(shared: Student) -> None:
    service(shared, "p.service", "ExecStartPre=/bin/sh -c 'echo not ready; exit 1'\nExecStart=/bin/sleep 600")
    done = shared.run("sudo systemctl start p")
    assert done.returncode == 1
    assert "Job for p.service failed" in done.stderr
    assert "not ready" in shared.out("journalctl -u p")
    status = shared.run("systemctl status p")
    assert (status.returncode, "failed" in status.stdout) == (3, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ExecStart=/nosuch/program", "No such file"),
        ("ExecStart=/bin/sleep 1\nWorkingDirectory=/nosuch", "working directory failed: /nosuch"),
        ("ExecStart=/bin/sleep 1\nEnvironmentFile=/nosuch", "/nosuch: No such file"),
        ("ExecStart=/bin/sleep 1\nUser=nobody2", "User=nobody2"),
        ("ExecStart=/bin/sleep 1\nType=forking", "Type=forking"),
    ],
)
def test_a_wrong_unit_says_what_is_wrong(shared: Student, line: str, said: str) -> None:
    service(shared, "w.service", line)
    shared.run("sudo systemctl start w")
    wait_until(lambda: said in shared.run("journalctl -u w").stdout, "the journal says it")
    wait_until(lambda: shared.run("systemctl is-failed -q w").returncode == 0, "it has failed")


def test_a_drop_in_changes_the_unit_after_daemon_reload(shared: Student) -> None:
    service(shared, "x.service", "ExecStart=/bin/sleep 111")
    shared.out(f"sudo mkdir -p {UNITS}/x.service.d")
    unit(shared, "x.service.d/over.conf", "[Service]\nExecStart=\nExecStart=/bin/sleep 222\n")
    shared.out("sudo systemctl restart x; until pgrep -fx '/bin/sleep 222'; do :; done")
    assert "sleep 222" in shared.out("systemctl cat x")


def test_an_unknown_unit_is_not_found(shared: Student) -> None:
    assert shared.run("sudo systemctl start nosuch").returncode == 5
    assert shared.run("systemctl status nosuch").returncode == 4
    assert shared.out("systemctl show -p LoadState --value nosuch") == "not-found"
    assert shared.out("systemctl is-active ssh; systemctl is-enabled ssh") == "active\nenabled"


def test_changes_need_root(shared: Student, level: str) -> None:
    if level != "L1":
        pytest.skip("at L0 there is no root to be told apart")
    done = shared.run("systemctl restart ssh")
    assert (done.returncode, "authentication required" in done.stderr) == (1, True)


def test_a_timer_starts_its_service_again_and_again(shared: Student) -> None:
    home = shared.out("echo $HOME")
    service(shared, "t.service", f"Type=oneshot\nExecStart=/bin/sh -c 'echo tick >> {home}/ticks'")
    timer = (
        "[Timer]\nOnBootSec=0\nOnActiveSec=10ms\nOnUnitActiveSec=100ms\n[Install]\nWantedBy=timers.target\n"
    )
    unit(shared, "t.timer", timer)
    shared.out("sudo systemctl enable --now t.timer")
    wait_until(lambda: shared.run("wc -l < ~/ticks").stdout.strip().isdigit(), "the first tick")
    wait_until(lambda: int(shared.out("wc -l < ~/ticks")) >= 3, "three ticks")
    assert "t.timer" in shared.out("systemctl list-timers")
    shared.out("sudo systemctl disable --now t.timer")
    assert "t.timer" not in shared.out("systemctl list-timers")


def test_a_timer_may_power_the_machine_off(plain: Student, world: World) -> None:
    service(plain, "off.service", "Type=oneshot\nExecStart=/bin/sh -c 'systemctl poweroff'")
    unit(plain, "off.timer", "[Timer]\nOnActiveSec=50ms\n[Install]\nWantedBy=timers.target\n")
    plain.run("sudo systemctl start off.timer")
    assert world.off.get(timeout=30) == plain.machine
