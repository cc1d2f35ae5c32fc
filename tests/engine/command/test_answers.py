"""Our provider answers as the real pulumi-command 1.2.1 does, which answers.json has from --record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.command import requests_on_machine, requests_without_machine
from tests.engine.command.machines import Machine, in_process, openssh
from tests.engine.command.plugins import Plugin, without_new_id

WITHOUT_MACHINE = requests_without_machine.table()
ON_MACHINE = requests_on_machine.RUNS
PEER_OFFER = ", peer offered: [ssh-ed25519]"  # Go adds it; asyncssh does not tell
ASYNCIO_REFUSED = "[Errno 111] Connect call failed ('127.0.0.1', CLOSED)"  # words of the in-process proxy


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with in_process(tmp_path_factory.mktemp("machine")) as running:
        yield running


@pytest.fixture(scope="module")
def openssh_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with openssh(tmp_path_factory.mktemp("machine")) as running:
        yield running


def answer(plugin: Plugin, name: str) -> dict[str, Any]:
    method, fields = WITHOUT_MACHINE[name]
    return without_new_id(plugin.ask(method, **fields), "c")


def outcome(plugin: Plugin, machine: Machine, name: str) -> Any:
    """Everything that a case changes: the answers, the log, the files on the machine."""
    for folder in ("source", "target"):
        shutil.rmtree(machine.home / folder, ignore_errors=True)
    requests_on_machine.prepare(machine.home)
    answers = []
    for method, fields in ON_MACHINE[name](machine):
        prefix = "c" if fields["urn"] == requests_without_machine.COMMAND else ""
        given = without_new_id(plugin.ask(method, **fields), prefix)
        given.get("properties", {}).pop("connection", None)
        answers.append({"answer": given, "log": plugin.log})
    text = machine.without_local_facts(json.dumps([answers, requests_on_machine.target(machine.home)]))
    return json.loads(text.replace(PEER_OFFER, "").replace(ASYNCIO_REFUSED, "Connection refused"))


@pytest.mark.parametrize("name", WITHOUT_MACHINE)
def test_a_request_without_a_machine_is_answered_as_by_the_real_plugin(
    plugin: Plugin, answers: dict[str, Any], name: str
) -> None:
    assert answer(plugin, name) == answers[name]


@pytest.mark.parametrize("name", ON_MACHINE)
def test_a_run_on_a_machine_ends_as_with_the_real_plugin(
    plugin: Plugin, machine: Machine, answers: dict[str, Any], name: str
) -> None:
    assert outcome(plugin, machine, name) == answers[name]


@pytest.mark.real_engine
@pytest.mark.parametrize("name", WITHOUT_MACHINE)
def test_the_recorded_answer_is_the_real_one(
    plugin: Plugin, real_plugin: Plugin, answers: dict[str, Any], name: str
) -> None:
    given = answer(real_plugin, name)
    assert answers.setdefault(name, given) == given
    assert answer(plugin, name) == given


@pytest.mark.real_engine
@pytest.mark.parametrize("name", ON_MACHINE)
def test_the_recorded_outcome_on_stock_openssh_is_the_real_one(
    plugin: Plugin, real_plugin: Plugin, openssh_machine: Machine, answers: dict[str, Any], name: str
) -> None:
    given = outcome(real_plugin, openssh_machine, name)
    assert answers.setdefault(name, given) == given
    assert outcome(plugin, openssh_machine, name) == given


def test_every_recorded_answer_belongs_to_a_case(answers: dict[str, Any]) -> None:
    assert answers.keys() == WITHOUT_MACHINE.keys() | ON_MACHINE.keys()


def test_no_private_key_is_in_the_record() -> None:
    assert "PRIVATE KEY" not in (Path(__file__).parent / "answers.json").read_text()
