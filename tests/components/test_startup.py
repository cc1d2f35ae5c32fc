from __future__ import annotations

import stat

import pytest

from components import access, key_pair
from tests.components.guest import GuestHome

USER, HOST = key_pair.generate(), key_pair.generate()
SCRIPT = access.startup_script([USER["public_key"], ""], HOST["private_key"], HOST["public_key"])


@pytest.fixture
def restarts(guest: GuestHome) -> GuestHome:
    """A machine whose systemctl writes down what it is asked."""
    guest.command("systemctl", f'echo "$*" >>{guest.root}/systemctl')
    (guest.root / "etc" / "ssh").mkdir(parents=True)
    (guest.root / "etc" / "ssh" / "sshd_config").write_text("PasswordAuthentication yes\nUsePAM yes\n")
    return guest


def boot(guest: GuestHome, script: str = SCRIPT) -> None:
    result = guest.bash(script)
    assert result.returncode == 0, result.stderr


def authorized(guest: GuestHome) -> list[str]:
    return (guest.home / ".ssh" / "authorized_keys").read_text().splitlines()


def asked(guest: GuestHome) -> list[str]:
    return (guest.root / "systemctl").read_text().splitlines()


def test_the_key_is_added_beside_those_that_are_there(restarts: GuestHome) -> None:
    (restarts.home / ".ssh").mkdir()
    (restarts.home / ".ssh" / "authorized_keys").write_text("ssh-rsa AAAA no newline at the end")
    boot(restarts)
    assert authorized(restarts) == ["ssh-rsa AAAA no newline at the end", USER["public_key"]]
    assert stat.S_IMODE((restarts.home / ".ssh" / "authorized_keys").stat().st_mode) == 0o600
    assert stat.S_IMODE((restarts.home / ".ssh").stat().st_mode) == 0o700


def test_the_students_own_key_is_let_in_too(restarts: GuestHome) -> None:
    own = "ssh-ed25519 AAAAC3Nza anna's laptop"
    boot(restarts, access.startup_script([USER["public_key"], own], HOST["private_key"], HOST["public_key"]))
    assert authorized(restarts) == [USER["public_key"], own]


def test_the_host_key_is_the_stacks_and_private(restarts: GuestHome) -> None:
    boot(restarts)
    key = restarts.root / "etc" / "ssh" / "ssh_host_ed25519_key"
    assert key.read_text() == HOST["private_key"]
    assert key.with_suffix(".pub").read_text().strip() == HOST["public_key"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_password_login_is_off_before_anything_else_in_the_file_can_turn_it_on(restarts: GuestHome) -> None:
    boot(restarts)
    config = (restarts.root / "etc" / "ssh" / "sshd_config").read_text().splitlines()
    assert config.index("PasswordAuthentication no") < config.index("PasswordAuthentication yes")
    assert config[-1] == "UsePAM yes"


def test_password_login_stays_on_where_the_student_has_a_password(restarts: GuestHome) -> None:
    keys = ([USER["public_key"]], HOST["private_key"], HOST["public_key"])
    boot(restarts, access.startup_script(*keys, password_login=True))
    config = (restarts.root / "etc" / "ssh" / "sshd_config").read_text().splitlines()
    assert "PasswordAuthentication yes" in config[:4]


def test_every_further_boot_changes_nothing_and_restarts_nothing(restarts: GuestHome) -> None:
    boot(restarts)
    first = {path: path.read_text() for path in restarts.root.rglob("*") if path.is_file()}
    boot(restarts)
    assert {path: path.read_text() for path in restarts.root.rglob("*") if path.is_file()} == first
    assert asked(restarts) == ["restart ssh"]


def test_a_machine_whose_unit_is_named_sshd_is_restarted_too(restarts: GuestHome) -> None:
    restarts.command("systemctl", f'echo "$*" >>{restarts.root}/systemctl; [ "$2" = sshd ]')
    boot(restarts)
    assert asked(restarts) == ["restart ssh", "restart sshd"]


def test_the_script_prints_no_secret(restarts: GuestHome) -> None:
    result = restarts.bash(SCRIPT)
    body = HOST["private_key"].splitlines()[2]
    assert body not in result.stdout + result.stderr


def test_the_ssh_files_name_the_alias_that_the_known_hosts_line_verifies() -> None:
    config = access.ssh_config("fastai-anna", "184.1.2.3", 22, 8888, 8889)
    for line in (
        "Host fastai-anna",
        "HostName 184.1.2.3",
        "Port 22",
        "User paperspace",
        "IdentityFile ~/.ssh/fastai-anna",
        "UserKnownHostsFile ~/.ssh/fastai-anna.known_hosts",
        "HostKeyAlias fastai-anna",
        "IdentitiesOnly yes",
        "LocalForward 8888 localhost:8889",
    ):
        assert line in [each.strip() for each in config.splitlines()]
    assert access.known_hosts("fastai-anna", HOST["public_key"]).split()[:2] == ["fastai-anna", "ssh-ed25519"]


def test_the_tunnel_command_is_the_courses_with_the_pinned_key() -> None:
    command = access.tunnel_command("fastai-anna", "184.1.2.3", 22, 8888, 8889)
    assert command.startswith("ssh -N -L localhost:8888:localhost:8889 ")
    assert command.endswith(" paperspace@184.1.2.3")
    assert "-p 2222" in access.tunnel_command("fastai-anna", "184.1.2.3", 2222, 8888, 8889)
