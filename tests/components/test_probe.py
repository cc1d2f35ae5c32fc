"""The look at a machine, against a real SSH server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from components import key_pair, ssh
from components.findings import Finding
from components.probe import probe
from components.ssh import Login, Unreachable
from tests.components.guest import GuestHome
from tests.components.ssh_server import SshServer

USER, HOST, OTHER = key_pair.generate(), key_pair.generate(), key_pair.generate()


@pytest.fixture
def server(guest: GuestHome) -> Iterator[SshServer]:
    allow(guest, USER)
    with SshServer(guest, HOST["private_key"]) as running:
        yield running


@pytest.fixture
def login(server: SshServer) -> Login:
    return server.login(USER["private_key"])


def allow(guest: GuestHome, pair: dict[str, str]) -> None:
    (guest.home / ".ssh").mkdir(exist_ok=True)
    (guest.home / ".ssh" / "authorized_keys").write_text(pair["public_key"])


async def look(login: Login, checks: dict[str, str]) -> dict[str, Finding]:
    async with await ssh.connect(login) as connection:
        return await probe(connection, checks)


def refusal(login: Login, seconds: float = 5) -> str:
    async def attempt() -> None:
        await ssh.connect(login, seconds)

    with pytest.raises(Unreachable) as refused:
        asyncio.run(attempt())
    return str(refused.value)


def test_one_connection_reads_all_steps(server: SshServer, login: Login) -> None:
    found = asyncio.run(look(login, {"a": "true", "b": "echo drift=off; false"}))
    assert found == {"a": Finding(None, True, {}), "b": Finding(None, False, {"drift": "off"})}
    assert server.connections == 1


def test_a_check_that_reads_input_does_not_eat_the_others(login: Login) -> None:
    found = asyncio.run(look(login, {"a": "cat; true", "b": "true"}))
    assert [found["a"].satisfied, found["b"].satisfied] == [True, True]


def test_another_host_key_is_refused(server: SshServer, login: Login) -> None:
    assert "another host key" in refusal(replace(login, host_key=OTHER["public_key"]))


def test_a_refused_key_is_told(server: SshServer) -> None:
    assert "refuses the stack's key" in refusal(server.login(OTHER["private_key"]))


def test_a_closed_port_is_told_with_its_address() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        told = refusal(Login("127.0.0.1", port, USER["private_key"], HOST["public_key"]))
    assert f"paperspace@127.0.0.1:{port}" in told


def test_a_host_that_accepts_and_stays_silent_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        login = Login("127.0.0.1", silent.getsockname()[1], USER["private_key"], HOST["public_key"])
        assert "no answer in time" in refusal(login, seconds=0.3)


def test_a_booting_machine_is_waited_for_until_it_has_the_stacks_host_key(guest: GuestHome) -> None:
    allow(guest, USER)
    reports: list[str] = []
    with SshServer(guest, OTHER["private_key"]) as server:
        login = replace(server.login(USER["private_key"]), host_key=HOST["public_key"])

        async def finish_boot(_seconds: float) -> None:
            server.host_key = HOST["private_key"]
            await asyncio.to_thread(server.call, server.close())
            await asyncio.to_thread(server.call, server.listen())

        async def wait() -> None:
            connection = await ssh.connect_when_ready(login, 60, reports.append, sleep=finish_boot)
            connection.close()

        asyncio.run(wait())
    assert len(reports) == 1
    assert "another host key" in reports[0]


def test_the_wait_for_a_machine_ends_and_says_how_long_it_was() -> None:
    time = iter([0.0, 10.0, 59.95])
    login = Login("127.0.0.1", 1, USER["private_key"], HOST["public_key"])

    async def no_sleep(_seconds: float) -> None: ...

    async def wait() -> None:
        await ssh.connect_when_ready(login, 60, lambda _: None, sleep=no_sleep, clock=lambda: next(time))

    with pytest.raises(Unreachable, match=r"tried for 60 s"):
        asyncio.run(wait())


def test_a_machine_without_bash_says_so(server: SshServer, login: Login) -> None:
    server.guest.command("bash", "echo no such shell >&2; exit 127")
    with pytest.raises(Unreachable, match="did not answer for a"):
        asyncio.run(look(login, {"a": "true"}))
