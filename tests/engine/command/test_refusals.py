"""Where the stand-in differs on purpose: what hangs or breaks the real plugin fails here, with the cure."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.command import CommandProvider
from tests.engine.command.machines import Machine, in_process, openssh, silent
from tests.engine.command.plugins import Plugin
from tests.engine.command.requests_without_machine import COMMAND, secret


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with in_process(tmp_path_factory.mktemp("machine")) as running:
        yield running


@pytest.fixture
def openssh_machine(tmp_path: Path) -> Iterator[Machine]:
    with openssh(tmp_path) as running:
        yield running


def create(plugin: Plugin, machine: Machine, text: str, **inputs: Any) -> dict[str, Any]:
    properties = {"connection": secret(machine.connection()), "create": text, **inputs}
    return plugin.ask("Create", urn=COMMAND, properties=properties)


def refusal(answer: dict[str, Any]) -> str:
    assert "error" in answer, answer
    return str(answer["error"][1])


def test_a_logged_line_of_65536_bytes_is_refused(plugin: Plugin, machine: Machine) -> None:
    text = "head -c 65536 /dev/zero | tr '\\0' x"
    assert "without a newline" in refusal(create(plugin, machine, text))


def test_progress_that_only_returns_the_carriage_is_refused(plugin: Plugin, machine: Machine) -> None:
    progress = "printf '\\r%s of 2000, a bar of the usual length ============>' $i"
    text = f"for i in $(seq 2000); do {progress}; done; sleep 60"
    assert "tr '\\r' '\\n'" in refusal(create(plugin, machine, text))


def test_a_logged_line_of_65535_bytes_passes(plugin: Plugin, machine: Machine) -> None:
    answer = create(plugin, machine, "head -c 65535 /dev/zero | tr '\\0' x; echo; echo end")
    assert answer["properties"]["stdout"] == "x" * 65535 + "\nend"


def test_a_long_line_passes_when_nothing_is_logged(plugin: Plugin, machine: Machine) -> None:
    answer = create(plugin, machine, "head -c 200000 /dev/zero | tr '\\0' x", logging="none")
    assert len(answer["properties"]["stdout"]) == 200_000


def test_a_command_of_131072_bytes_is_refused(plugin: Plugin, machine: Machine) -> None:
    assert "stdin" in refusal(create(plugin, machine, ":" + " " * 131_071))


def test_a_command_of_131071_bytes_runs(plugin: Plugin, machine: Machine) -> None:
    assert create(plugin, machine, ":" + " " * 131_070)["properties"]["stdout"] == ""


def test_output_that_is_not_utf_8_is_refused(plugin: Plugin, machine: Machine) -> None:
    assert "non-UTF8" in refusal(create(plugin, machine, r"printf 'ab\377'"))


@pytest.mark.parametrize("method", ["Update", "Delete"])
def test_a_previous_output_of_262098_bytes_is_refused_at(
    method: str, plugin: Plugin, machine: Machine
) -> None:
    inputs = {"connection": secret(machine.connection()), "create": "true", "delete": "true"}
    state = {**inputs, "stdout": "x" * 262_098, "stderr": ""}
    update = {"olds": state, "news": inputs}
    fields = update if method == "Update" else {"properties": state}
    assert refusal(plugin.ask(method, id="c1", urn=COMMAND, **fields)).startswith("EOF")


def test_a_long_previous_output_is_no_matter_when_it_is_not_offered(plugin: Plugin, machine: Machine) -> None:
    inputs = {
        "connection": secret(machine.connection()),
        "create": "echo ok",
        "addPreviousOutputInEnv": False,
    }
    olds = {**inputs, "stdout": "x" * 262_098, "stderr": ""}
    assert plugin.ask("Update", id="c1", urn=COMMAND, olds=olds, news=inputs)["properties"]["stdout"] == "ok"


def test_a_host_that_never_speaks_fails_after_the_dial_timeout(plugin: Plugin, machine: Machine) -> None:
    with silent() as port:
        connection = machine.connection(port=port, perDialTimeout=1, dialErrorLimit=0)
        answer = plugin.ask("Create", urn=COMMAND, properties={"connection": connection, "create": "true"})
    assert refusal(answer) == f"after 0 failed attempts: dial tcp 127.0.0.1:{port}: i/o timeout"


@pytest.mark.parametrize("token", ["command:local:Command", "command:remote:CopyFile"])
def test_what_only_the_real_plugin_has_is_refused_by_name(token: str, plugin: Plugin) -> None:
    answer = plugin.ask("Check", urn=f"urn:pulumi:dev::p::{token}::c", news={})
    assert "install the real CLI" in refusal(answer)


def test_a_custom_timeout_ends_the_dials(plugin: Plugin, machine: Machine) -> None:
    connection = machine.connection(port=machine.closed_port, dialErrorLimit=-1)
    properties = {"connection": connection, "create": "true"}
    answer = plugin.ask("Create", urn=COMMAND, properties=properties, timeout=0.3)
    assert answer["error"] == ["DEADLINE_EXCEEDED", "context deadline exceeded"]


def test_cancel_ends_the_dials(machine: Machine) -> None:
    dialled = threading.Event()
    provider = CommandProvider(log=lambda _: dialled.set())
    failures: list[Any] = []

    class Call:
        def abort(self, code: Any, details: str) -> None:
            failures.append((code.name, details))
            raise RuntimeError(details)

    def run() -> None:
        connection = machine.connection(port=machine.closed_port, dialErrorLimit=-1)
        with pytest.raises(RuntimeError):
            provider._run(Request(), Call(), "true", {"connection": connection}, {})

    class Request:
        urn, timeout = COMMAND, 0

    thread = threading.Thread(target=run)
    thread.start()
    assert dialled.wait(10)
    provider.Cancel(None, None)
    thread.join(10)
    provider.close()
    assert failures == [("CANCELLED", "context canceled")]


def test_eight_commands_run_side_by_side(plugin: Plugin, machine: Machine) -> None:
    """Each waits until all have begun: only commands that run side by side can end."""
    text = f"mkdir -p {machine.home}/met; touch {machine.home}/met/$LC_N; "
    text += f"until [ $(ls {machine.home}/met | wc -l) = 8 ]; do sleep 0.02; done"
    answers: list[dict[str, Any]] = []

    def run(number: int) -> None:
        answers.append(create(plugin, machine, text, environment={"LC_N": str(number)}))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("properties" in answer for answer in answers)


@pytest.mark.real_engine
def test_the_real_plugin_hangs_on_a_logged_line_of_65537_bytes(
    real_plugin: Plugin, openssh_machine: Machine
) -> None:
    properties = {
        "connection": secret(openssh_machine.connection()),
        "create": "head -c 65537 /dev/zero | tr '\\0' x",
    }
    answer = real_plugin.ask("Create", urn=COMMAND, properties=properties, seconds=5)
    assert answer["error"][0] == "DEADLINE_EXCEEDED"


@pytest.mark.real_engine
def test_the_real_plugin_fails_on_a_command_of_131072_bytes(
    real_plugin: Plugin, openssh_machine: Machine
) -> None:
    assert "error" in create(real_plugin, openssh_machine, ":" + " " * 131_071)
    assert "properties" in create(real_plugin, openssh_machine, ":" + " " * 131_070)


@pytest.mark.real_engine
def test_the_real_plugin_loses_the_connection_on_a_long_previous_output(
    real_plugin: Plugin, openssh_machine: Machine
) -> None:
    inputs = {"connection": secret(openssh_machine.connection()), "create": "true"}
    olds = {**inputs, "stdout": "x" * 262_098, "stderr": ""}
    assert "EOF" in refusal(real_plugin.ask("Update", id="c1", urn=COMMAND, olds=olds, news=inputs))
