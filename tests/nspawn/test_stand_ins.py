"""The sandbox's stand-ins beside the programs that they play: same scripts, same exit codes and outputs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.guest import levels
from sandbox.guest.guests import SshGuests
from tests.sandbox.guest.students import PASSWORD, Student
from tests.waiting import wait_until

ACCOUNT = (
    "1000\npaperspace\n{groups}\n/home/paperspace\n/home/paperspace paperspace paperspace /bin/bash\n[0]"
)
UBUNTU_PATH = "/usr/local/sbin\n/usr/local/bin\n/usr/sbin\n/usr/bin\n/sbin\n/bin\n[0]"
SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.sh"))
DIFFERENT = {
    # In the machine's user namespace there is one user with one group.
    "account": (ACCOUNT.format(groups="paperspace"), ACCOUNT.format(groups="adm\npaperspace\nsudo")),
    # One host user owns every file; what keeps the machine's user out is a read-only view.
    "owner_of_roots_file": ("paperspace\npaperspace\n[0]", "root\nroot\n[0]"),
    "private_file_of_root": ("0\n0\n[0]", "1\n0\n[0]"),
    # The stand-in's path is Ubuntu's (/etc/environment), the real one here Debian's.
    "path_of_a_session": (UBUNTU_PATH, "/usr/local/bin\n/usr/bin\n/bin\n[0]"),
}
"""What differs, known and accepted: what the stand-in's machine says, and what the real one says."""


def machine(level: str, folder: Path) -> Iterator[Student]:
    """A student with a key on a fresh machine of the course's template at this level."""
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(levels.VARIABLE, level)
        guests = SshGuests(folder / "sandbox", 0, lambda _: None)
        assert guests.level == level
    student = Student(folder, guests, f"ps{level.lower()}")
    script = (
        "#!/bin/sh\nmkdir -p /home/paperspace/.ssh\n"
        f"echo '{student.public_key.strip()}' >/home/paperspace/.ssh/authorized_keys\n"
        "chown -R paperspace:paperspace /home/paperspace/.ssh\n"
        "echo 'paperspace ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-test\n"
    )
    try:
        guests.boot(
            student.machine, template="fast.ai", address="127.0.0.1", password=PASSWORD, startup_script=script
        )
        wait_until(lambda: student.run("sudo -n true").returncode == 0, f"{level} lets in")
        wait_until(lambda: "running" in student.run("systemctl is-system-running").stdout, f"{level} runs")
        yield student
    finally:
        guests.close()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    yield from machine("L1", tmp_path_factory.mktemp("played") / "student")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    yield from machine("nspawn", tmp_path_factory.mktemp("real") / "student")


def said(done: subprocess.CompletedProcess[str]) -> str:
    return f"{done.stdout}[{done.returncode}]"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_stand_in_does_as_the_real_program(played: Student, real: Student, script: Path) -> None:
    given = script.read_bytes()
    both = (said(played.run("bash -s", given=given)), said(real.run("bash -s", given=given)))
    if script.stem in DIFFERENT:
        assert both == DIFFERENT[script.stem]
    else:
        assert both[0] == both[1]
