"""The files that `lab` puts into ~/.ssh."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lab.outputs import Outputs
from lab.ssh_files import SshFiles


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_every_file_is_readable_by_its_owner_only(home: Path, outputs: Outputs) -> None:
    SshFiles("fastai-dev").write(outputs)
    written = [path for path in home.rglob("*") if path.is_file()]
    assert len(written) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


def test_writing_again_replaces_and_leaves_nothing_else(home: Path, outputs: Outputs) -> None:
    SshFiles("fastai-dev").write(outputs)
    changed = outputs.model_copy(update={"known_hosts": "fastai-dev ssh-ed25519 BBBB"})
    SshFiles("fastai-dev").write(changed)
    assert SshFiles("fastai-dev").known_hosts.read_text() == "fastai-dev ssh-ed25519 BBBB\n"
    assert len([path for path in home.rglob("*") if path.is_file()]) == 3


def test_remove_takes_only_its_own_files_away_and_may_be_repeated(home: Path, outputs: Outputs) -> None:
    own = home / ".ssh" / "id_ed25519"
    SshFiles("fastai-dev").write(outputs)
    own.write_text("the student's own")
    SshFiles("fastai-dev").remove()
    SshFiles("fastai-dev").remove()
    assert [path for path in home.rglob("*") if path.is_file()] == [own]
