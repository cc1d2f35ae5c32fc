from __future__ import annotations

import pytest

from components import access, key_pair
from components.passwords import passwords_step
from components.step import Step
from tests.components.guest import GuestHome

PASSWORD, ROOT = "correct horse: battery", "staple"
HOST = key_pair.generate()


@pytest.fixture
def machine(guest: GuestHome) -> GuestHome:
    """A machine that has booted with password login off; chpasswd and systemctl write down what they get."""
    (guest.root / "etc" / "ssh").mkdir(parents=True)
    guest.command("sudo", 'exec "$@"')
    guest.command("systemctl", f'echo "$*" >>{guest.root}/asked')
    guest.command("chpasswd", f"cat >>{guest.root}/set; [ ! -e {guest.root}/refuse ]")
    result = guest.bash(access.startup_script(["k"], HOST["private_key"], HOST["public_key"]))
    assert result.returncode == 0, result.stderr
    (guest.root / "asked").unlink()
    return guest


def apply(machine: GuestHome, step: Step, token: str = "t-1") -> None:
    result = machine.run(step, token)
    assert result.returncode == 0, result.stderr
    assert machine.find(step)["passwords"].satisfied


def both() -> Step:
    return passwords_step(PASSWORD, ROOT, "salt")


def test_without_passwords_there_is_nothing_to_do(machine: GuestHome) -> None:
    none = passwords_step("", "", "salt")
    assert machine.find(none)["passwords"].satisfied
    apply(machine, none)
    assert not (machine.root / "set").exists()
    assert not (machine.root / "asked").exists()


def test_both_passwords_are_set_and_login_by_password_is_on(machine: GuestHome) -> None:
    assert machine.find(both())["passwords"].drift == "password login is no"
    apply(machine, both())
    assert (machine.root / "set").read_text() == f"paperspace:{PASSWORD}\nroot:{ROOT}\n"
    assert (machine.root / "asked").read_text() == "restart ssh\n"


def test_taking_the_password_away_turns_login_by_password_off(machine: GuestHome) -> None:
    apply(machine, both())
    apply(machine, passwords_step("", "", "salt"), "t-2")
    assert "PasswordAuthentication no" in (machine.root / "etc/ssh/sshd_config").read_text()


def test_roots_password_alone_opens_no_login(machine: GuestHome) -> None:
    apply(machine, passwords_step("", ROOT, "salt"))
    assert "PasswordAuthentication no" in (machine.root / "etc/ssh/sshd_config").read_text()


def test_a_refused_password_is_a_failure(machine: GuestHome) -> None:
    (machine.root / "refuse").touch()
    result = machine.run(both(), "t-1")
    assert result.returncode == 1
    assert "chpasswd refused" in result.stderr


def test_no_password_is_in_texts_or_left_on_the_machine(machine: GuestHome) -> None:
    apply(machine, both())
    (machine.root / "set").unlink()
    plan = both().plan({})
    assert PASSWORD not in plan.body + plan.summary + both().check + repr(both())
    for path in machine.root.rglob("*"):
        assert not path.is_file() or PASSWORD not in path.read_text(errors="replace"), path


def test_another_password_is_another_version_and_its_digest_needs_the_stacks_secret() -> None:
    assert (
        passwords_step("a", "", "salt").plan({}).version != passwords_step("b", "", "salt").plan({}).version
    )
    assert (
        passwords_step("a", "", "salt").plan({}).version != passwords_step("a", "", "pepper").plan({}).version
    )


def test_the_summary_names_users_and_no_password() -> None:
    assert both().plan({}).summary == "passwords: of paperspace and root"
    assert passwords_step("", "", "salt").plan({}).summary == "passwords: none"
