"""`lab rollback` over a real SSH server whose `fastai-rollback` is played."""

from __future__ import annotations

import pytest

from lab import outputs as exported
from lab.commands.rollback import NotRolledBack, rollback
from lab.outputs import Outputs
from tests.components.guest import GuestHome

TOLD = "fastai is back at 0123abc with the environment of then"


@pytest.fixture(autouse=True)
def stack_is_up(reachable: Outputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "read", lambda _stack: reachable)


def test_the_machine_says_where_it_is_now(guest: GuestHome, capsys: pytest.CaptureFixture[str]) -> None:
    guest.command("fastai-rollback", f"echo '{TOLD}'")
    rollback("anna")
    assert capsys.readouterr().out == f"{TOLD}\n"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("echo 'fastai-rollback: there is nothing to go back to' >&2; exit 1", "nothing to go back to"),
        ("exit 3", "failed with status 3"),
        ("exit 127", "pulumi up --stack anna"),
    ],
)
def test_what_does_not_work_is_told_in_the_machines_words(guest: GuestHome, command: str, told: str) -> None:
    guest.command("fastai-rollback", command)
    with pytest.raises(NotRolledBack, match=told):
        rollback("anna")
