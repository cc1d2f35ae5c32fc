"""What a student is handed: a zip that works once unpacked at home, and is readable by its owner only."""

from __future__ import annotations

import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lab import handout
from lab.outputs import Outputs


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_unpacked_at_home_the_files_are_where_the_configuration_says(outputs: Outputs, home: Path) -> None:
    path = handout.write(outputs, home.parent / "out")
    home.mkdir()
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(path), str(home)], check=True)
    assert (home / ".ssh" / "config.d" / "fastai-dev").read_text() == outputs.ssh_config
    assert (
        home / ".ssh" / "fastai-dev"
    ).read_text().strip() == outputs.private_key.get_secret_value().strip()
    assert (home / ".ssh" / "fastai-dev.known_hosts").read_text().strip() == outputs.known_hosts
    told = (home / "fastai-dev.txt").read_text()
    assert "http://localhost:8888/?token=secret-token" in told
    assert "ssh -N -F ~/.ssh/config.d/fastai-dev fastai-dev" in told


def test_only_the_owner_reads_it_and_every_file_in_it(outputs: Outputs, tmp_path: Path) -> None:
    path = handout.write(outputs, tmp_path / "out")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        assert {stat.S_IMODE(info.external_attr >> 16) for info in archive.infolist()} == {0o600}


def test_writing_again_makes_the_same_file(outputs: Outputs, tmp_path: Path) -> None:
    first = handout.write(outputs, tmp_path).read_bytes()
    assert handout.write(outputs, tmp_path).read_bytes() == first
