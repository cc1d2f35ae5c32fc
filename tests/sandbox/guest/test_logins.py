"""Who gets in, and what shows that it is the right machine."""

from __future__ import annotations

from pathlib import Path

import asyncssh
import pytest

from tests.sandbox.guest.students import PASSWORD, Student, World
from tests.waiting import wait_until

SSHD = "/etc/ssh/sshd_config.d/50-access.conf"


def test_a_key_in_authorized_keys_logs_in(plain: Student) -> None:
    assert plain.out("echo $USER") == "paperspace"


def test_a_key_added_later_counts_at_the_next_login(plain: Student, world: World, tmp_path: Path) -> None:
    (tmp_path / "friend").mkdir()
    friend = Student(tmp_path / "friend", world.guests, plain.machine)
    assert friend.run("true").returncode == 255
    plain.out("cat >> ~/.ssh/authorized_keys", given=f"not a key\n{friend.public_key}".encode())
    assert friend.run("true").returncode == 0


def test_a_key_removed_from_authorized_keys_is_refused(plain: Student) -> None:
    plain.out("rm ~/.ssh/authorized_keys")
    assert plain.run("true").returncode == 255


def test_the_first_password_logs_in_and_another_does_not(plain: Student) -> None:
    assert plain.with_password(PASSWORD)
    assert not plain.with_password("something else")


@pytest.mark.parametrize("change", ["chpasswd", "passwd"])
def test_a_changed_password_replaces_the_first(plain: Student, change: str) -> None:
    lines = {
        "chpasswd": ("sudo chpasswd", b"paperspace:fresh 2\n"),
        "passwd": ("passwd", f"{PASSWORD}\nfresh 2\nfresh 2\n".encode()),
    }
    plain.out(lines[change][0], given=lines[change][1])
    assert plain.with_password("fresh 2")
    assert not plain.with_password(PASSWORD)


def test_passwd_refuses_a_wrong_present_password(plain: Student) -> None:
    assert plain.run("passwd", given=b"wrong\nnew 1\nnew 1\n").returncode == 10
    assert plain.with_password(PASSWORD)


def test_chpasswd_without_sudo_is_refused(plain: Student, level: str) -> None:
    if level == "L0":
        pytest.skip("at L0 there is no root to be told apart")
    assert plain.run("chpasswd", given=b"paperspace:x\n").returncode == 1


def test_a_changed_password_survives_a_reboot(plain: Student, world: World) -> None:
    plain.out("sudo chpasswd", given=b"paperspace:fresh 3\n")
    world.guests.halt(plain.machine)
    world.boot(plain.machine)
    assert plain.with_password("fresh 3")


def test_password_login_ends_when_sshd_is_told_so_and_restarted(plain: Student) -> None:
    plain.out(f"sudo tee ${{GUEST_ROOT:-}}{SSHD}", given=b"PasswordAuthentication no\n")
    assert plain.with_password(PASSWORD), "the real sshd reads its settings at the start"
    plain.out("sudo systemctl restart ssh")
    assert not plain.with_password(PASSWORD)
    assert plain.out("echo key") == "key"


def test_root_has_no_password_and_no_password_login(plain: Student) -> None:
    plain.out("sudo chpasswd", given=b"root:rootpass\n")
    plain.user = "root"
    assert not plain.with_password("rootpass")


def test_the_host_key_is_the_same_after_halt_and_boot(plain: Student, world: World) -> None:
    plain.out("true")
    known = (plain.folder / "known_hosts").read_text().split()[1:]
    world.guests.halt(plain.machine)
    world.boot(plain.machine)
    (plain.folder / "known_hosts").unlink()
    plain.out("true")
    assert (plain.folder / "known_hosts").read_text().split()[1:] == known


def test_a_host_key_put_there_by_the_startup_script_counts_after_it_restarts_ssh(
    world: World, tmp_path: Path
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    script = (
        "#!/bin/bash\nset -eu\nKEY=${GUEST_ROOT:-}/etc/ssh/ssh_host_ed25519_key\n"
        f"cat > $KEY <<'END'\n{key.export_private_key().decode()}END\nchmod 600 $KEY\nsystemctl restart ssh\n"
    )
    world.boot("pshostkey", script=script)
    student = Student(tmp_path, world.guests, "pshostkey")
    world.authorize(student, "pshostkey")
    known = tmp_path / "known_hosts"
    public = key.export_public_key().decode().strip()
    wait_until(lambda: _offers(student, known, public), "the new host key is offered")
    world.guests.delete("pshostkey")


def _offers(student: Student, known: Path, public: str) -> bool:
    known.write_text(f"[127.0.0.1]:{student.guests.port_of(student.machine)} {public}\n")
    return student.run("true", "-o", "StrictHostKeyChecking=yes").returncode == 0
