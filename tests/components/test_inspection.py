"""The look at a machine, and what stands in for it when the machine cannot be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi_command.remote import ConnectionArgs

from components import inspection, key_pair, previous
from components.inspection import Inspection, Target
from components.step import Run
from provider.address import Address
from tests.components.guest import GuestHome, shell_step
from tests.components.ssh_server import SshServer

USER, HOST = key_pair.generate(), key_pair.generate()
STEP = shell_step("true", check="true")
STORED = {
    "urn:pulumi:dev::p::fastai:paperspace:Workstation$command:remote:Command::work": {
        "create": "as it was",
        "stdin": "the last input",
        "triggers": ["ps1"],
        "connection": {
            "host": "127.0.0.9",
            "port": 22,
            "user": "paperspace",
            "privateKey": "k",
            "hostKey": "h",
            "dialErrorLimit": 20,
            "perDialTimeout": 10,
        },
    }
}


class Surroundings:
    """Pulumi and the API as the program meets them; the machine itself is real."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.address = Address(None, "off")
        self.stored: dict[str, Any] = STORED
        self.dry_run = True
        self.told: list[str] = []
        monkeypatch.setattr(inspection, "address_of", self.address_of)
        monkeypatch.setattr(previous, "outputs", self.outputs)
        monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: self.dry_run)
        monkeypatch.setattr(pulumi.log, "warn", self.told.append)
        monkeypatch.setattr(pulumi.log, "info", lambda text, **_: self.told.append(text))
        monkeypatch.setattr(inspection, "BOOT_SECONDS", 0.5)

    async def address_of(self, _machine_id: str) -> Address:
        return self.address

    async def outputs(self) -> dict[str, Any]:
        return self.stored


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    return Surroundings(monkeypatch)


@pytest.fixture
def server(guest: GuestHome) -> Iterator[SshServer]:
    (guest.home / ".ssh").mkdir()
    (guest.home / ".ssh" / "authorized_keys").write_text(USER["public_key"])
    with SshServer(guest, HOST["private_key"]) as running:
        yield running


def look(
    port: int = 1, *, wanted_on: bool = True, machine_id: str = "ps1", known_at: Address | None = None
) -> Inspection:
    target = Target(machine_id, port, USER["private_key"], HOST["public_key"], wanted_on, known_at)
    return asyncio.run(inspection.inspect(target, [STEP]))


def host_of(run: Run) -> Any:
    assert isinstance(run.connection, ConnectionArgs)
    return run.connection.host


def test_a_machine_that_answers_gives_each_step_its_command(around: Surroundings, server: SshServer) -> None:
    around.address = Address("127.0.0.1", "ready")
    seen = look(server.port)
    assert seen.login
    assert "STEP_SUMMARY='work: as told' STEP_TOKEN=new-" in str(seen.runs["work"].create)
    assert around.told == []


@pytest.mark.parametrize("dry_run", [True, False], ids=["preview", "up"])
def test_a_machine_that_is_off_shows_its_steps_as_they_last_were(around: Surroundings, dry_run: bool) -> None:
    around.dry_run = dry_run
    seen = look()
    assert seen.login is None
    assert (seen.runs["work"].create, seen.runs["work"].stdin) == ("as it was", "the last input")
    assert host_of(seen.runs["work"]) == "127.0.0.9"
    [warning] = around.told
    assert "its state is off" in warning


def test_a_machine_that_does_not_answer_shows_its_steps_as_they_last_were(around: Surroundings) -> None:
    around.address = Address("127.0.0.1", "ready")
    assert look().runs["work"].create == "as it was"
    assert "127.0.0.1:1" in around.told[-1]


def test_a_machine_that_a_preview_has_just_read_is_not_asked_for_again(
    around: Surroundings, server: SshServer
) -> None:
    around.address = Address("184.1.2.3", "off")
    seen = look(server.port, known_at=Address("127.0.0.1", "ready"))
    assert seen.login
    assert seen.host == "127.0.0.1"


CUT_ONCE = 'if [ -e ~/cut ]; then exec /bin/bash "$@"; fi; touch ~/cut; exit 1'


def test_an_up_asks_again_where_the_first_session_was_cut(around: Surroundings, server: SshServer) -> None:
    around.dry_run, around.address = False, Address("127.0.0.1", "ready")
    server.guest.command("bash", CUT_ONCE)
    assert "STEP_TOKEN=new-" in str(look(server.port).runs["work"].create)
    assert server.connections == 2


def test_a_preview_whose_session_was_cut_shows_the_steps_as_they_last_were(
    around: Surroundings, server: SshServer
) -> None:
    around.address = Address("127.0.0.1", "ready")
    server.guest.command("bash", CUT_ONCE)
    assert look(server.port).runs["work"].create == "as it was"
    assert server.connections == 1


def test_a_static_address_is_known_while_the_machine_is_off(around: Surroundings) -> None:
    around.address = Address("184.1.2.3", "off")
    assert look().host == "184.1.2.3"


def test_steps_of_another_machine_are_not_taken_for_this_ones(around: Surroundings) -> None:
    assert "STEP_TOKEN=new-" in str(look(machine_id="ps2").runs["work"].create)


def test_a_machine_that_is_to_be_off_and_never_ran_gets_a_command_that_does_nothing(
    around: Surroundings,
) -> None:
    around.stored, around.dry_run = {}, False
    run = look(wanted_on=False).runs["work"]
    assert (run.create, run.stdin) == (None, None)


def test_an_up_that_cannot_set_a_step_up_for_the_first_time_fails_with_the_reason(
    around: Surroundings,
) -> None:
    around.stored, around.dry_run = {}, False
    around.address = Address("127.0.0.1", "ready")
    with pytest.raises(pulumi.RunError, match=r"work cannot be set up on machine ps1.*127\.0\.0\.1:1"):
        look()
