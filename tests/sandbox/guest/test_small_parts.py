"""Unit files, passwords, sshd's settings and the choice of level, each alone."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from sandbox.guest import levels, passwords
from sandbox.guest.init import units
from sandbox.guest.init.journal import LARGEST, Journal, entries
from sandbox.guest.nspawn import apt
from sandbox.guest.ssh import settings
from sandbox.guest.ssh.files import GuestFiles


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("5min 20s", 320),
        ("500ms", 0.5),
        ("1h30min", 5400),
        ("infinity", float("inf")),
        ("1.5 h", 5400),
    ],
)
def test_a_time_span_is_read_as_systemd_reads_it(text: str, seconds: float) -> None:
    assert units.seconds(text, "RestartSec") == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "-1"])
def test_a_wrong_time_span_is_refused_with_its_key(text: str) -> None:
    with pytest.raises(units.BadUnit, match="RestartSec"):
        units.seconds(text, "RestartSec")


def test_a_unit_file_is_parsed_with_comments_continuations_and_resets() -> None:
    unit = units.Unit(
        "a@b.service",
        Path("x"),
        units.parse(
            "# c\n[Service]\nExecStart=/a \\\n  -b\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\n; d\n"
        ),
    )
    assert unit.last("ExecStart").split() == ["/a", "-b"]
    assert unit.all("Environment") == ["B=2"]
    assert units.command("-/bin/echo %n %i ${A} $A x$$y", unit, {"A": "1 2"}) == (
        ["/bin/echo", "a@b.service", "b", "1 2", "1", "2", "x$y"],
        False,
    )
    with pytest.raises(units.BadUnit, match="%q is not supported"):
        units.command("/bin/echo %q", unit, {})


def test_a_password_matches_only_its_own_field() -> None:
    shadow = "root:!:1::::::\npaperspace:x:1::::::\n"
    text = passwords.with_field(shadow, "paperspace", passwords.hashed("säcret: 1"))
    field = passwords.field_of(text, "paperspace")
    assert "säcret" not in text
    assert passwords.matches("säcret: 1", field)
    assert not passwords.matches("säcret: 2", field)
    assert not any(passwords.matches("", other) for other in ("!", "", "!" + field, "*"))
    with pytest.raises(KeyError):
        passwords.with_field(shadow, "nobody", "x")


@pytest.mark.parametrize(
    ("main", "extra", "password", "root"),
    [
        ("", "", True, False),
        ("PasswordAuthentication no\n", "", False, False),
        ("passwordauthentication=NO # x\nPasswordAuthentication yes\n", "", False, False),
        (
            "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\n",
            "PasswordAuthentication no\n",
            False,
            False,
        ),
        (
            "PasswordAuthentication yes\nInclude sshd_config.d/*.conf\n",
            "PasswordAuthentication no\n",
            True,
            False,
        ),
        ("PermitRootLogin yes\nMatch User x\nPasswordAuthentication no\n", "", True, True),
    ],
)
def test_the_first_word_of_sshd_config_counts(
    tmp_path: Path, main: str, extra: str, password: bool, root: bool
) -> None:
    (tmp_path / "etc/ssh/sshd_config.d").mkdir(parents=True)
    (tmp_path / "etc/ssh/sshd_config").write_text(main)
    (tmp_path / "etc/ssh/sshd_config.d/50-x.conf").write_text(extra)
    files = GuestFiles(os.open(tmp_path, os.O_PATH))
    found = settings.read(files)
    files.close()
    assert found.allows_password("paperspace") is password
    assert found.allows_password("root") is root
    assert found.allows_key("root")


def test_a_full_journal_keeps_its_newest_half(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    line = "x" * (LARGEST // 100)
    for number in range(110):
        journal.write("a.service", f"{number} {line}")
    kept = [int(entry["message"].split()[0]) for entry in entries(tmp_path / "journal.jsonl", {"a.service"})]
    assert kept[-1] == 109
    assert kept == list(range(kept[0], 110))
    assert (tmp_path / "journal.jsonl").stat().st_size <= LARGEST


def test_the_level_may_be_forced_and_a_wrong_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SANDBOX_GUEST_LEVEL", "L0")
    assert levels.choose(tmp_path) == "L0"
    monkeypatch.setenv("SANDBOX_GUEST_LEVEL", "L2")
    with pytest.raises(levels.UnknownLevel, match="SANDBOX_GUEST_LEVEL=L2: must be L0, L1, nspawn or vm"):
        levels.choose(tmp_path)


def test_level_nspawn_is_refused_with_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(levels.VARIABLE, "nspawn")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        levels.UnknownLevel, match=r"needs apt-get, debootstrap, .*tools/apt-install debootstrap"
    ):
        levels.choose(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(levels.UnknownLevel, match="needs root on Linux"):
        levels.choose(tmp_path)


APT = """\
#!/bin/sh
case $1 in
  indextargets) printf '%s\n' 'http://node.example/ any main' 'http://deb.example/debian/ bookworm main';;
  shell) echo "http_proxy='http://proxy.example:3142'";;
esac
"""


def test_debian_is_built_from_the_archive_and_by_the_proxy_that_apt_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("apt-get", "apt-config"):
        (tmp_path / name).write_text(APT)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"VERSION_CODENAME": "bookworm"})
    proxy = {"http_proxy": "http://proxy.example:3142"}
    assert apt.archive() == apt.Archive("http://deb.example/debian/", "bookworm", proxy)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"VERSION_CODENAME": "trixie"})
    with pytest.raises(apt.NoArchive, match="trixie"):
        apt.archive()
