from __future__ import annotations

import socket
from pathlib import Path

import pulumi
import pytest

from components import agent, configuration


@pytest.fixture
def dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """As it is in a terminal multiplexer that outlived the login."""
    path = str(tmp_path / "agent")
    monkeypatch.setenv("SSH_AUTH_SOCK", path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
    return path


def test_no_agent_is_no_problem() -> None:
    assert agent.problem() is None


def test_an_agent_that_answers_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "agent")
    monkeypatch.setenv("SSH_AUTH_SOCK", path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        assert agent.problem() is None


def test_a_dead_agent_is_told_with_what_to_run(dead: str) -> None:
    assert str(agent.problem()) == (
        f"SSH_AUTH_SOCK = {dead}: no agent answers there (connection refused), which fails every step; "
        "run: unset SSH_AUTH_SOCK"
    )


@pytest.mark.parametrize("dry_run", [True, False], ids=["preview", "up"])
def test_a_dead_agent_ends_an_up_and_only_warns_in_a_preview(
    dead: str, dry_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: dry_run)
    monkeypatch.setattr(pulumi.log, "warn", told.append)
    assert (len(configuration.dead_agent()), len(told)) == ((0, 1) if dry_run else (1, 0))
    assert dead in "".join([*told, *map(str, configuration.dead_agent())])
