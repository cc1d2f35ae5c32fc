"""A script that the firewall refuses still arrives, and does the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from provider.errors import UnexpectedAnswer
from provider.firewall import encoded, past_a_firewall
from tests.provider.life import Life, text_digest

SCRIPT = '#!/bin/bash\necho "$((6*7)) it\'s $BASH_VERSINFO" >&2; echo drop table users; exit 3\n'


def run(script: str, folder: Path) -> tuple[int, str, str]:
    path = folder / "script"
    path.write_text(script)
    path.chmod(0o700)
    done = subprocess.run([path], capture_output=True, text=True, check=False, timeout=20)
    return done.returncode, done.stdout, done.stderr


def test_the_encoded_script_does_the_same_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    assert run(encoded(SCRIPT), tmp_path) == run(SCRIPT, tmp_path)
    assert run(SCRIPT, tmp_path)[0] == 3
    assert list(scratch.iterdir()) == []


def test_the_encoded_script_holds_nothing_of_the_text() -> None:
    assert "drop table" not in encoded(SCRIPT)


def test_a_script_that_the_firewall_blocks_is_sent_encoded(life: Life) -> None:
    life.sandbox.change_settings(blocked_text="drop table")
    life.create(startup_script=SCRIPT)
    assert life.startup_scripts[0]["scriptSha256"] == text_digest(encoded(SCRIPT))
    changed = SCRIPT + "true\n"
    life.update(startup_script=changed)
    assert life.startup_scripts[0]["scriptSha256"] == text_digest(encoded(changed))
    life.assert_world_is_as_state_says()


def test_a_block_of_another_kind_is_not_hidden() -> None:
    def cut_off(_text: str) -> None:
        text = "cut off"
        raise UnexpectedAnswer(text)

    with pytest.raises(UnexpectedAnswer, match="cut off"):
        past_a_firewall(cut_off, SCRIPT)
