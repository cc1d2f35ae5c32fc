"""Commands on outputs, configuration and state print, word for word, what the real CLI prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conformance.stack import Stack

RECORDED = Path(__file__).parent / "commands.json"
FIRST = "urn:pulumi:dev::conformance::pulumi-python:dynamic:Resource::first"
COMMANDS = [
    "whoami --json",
    "stack output --json --show-secrets",
    "stack output",
    "stack output list --json",
    "stack output nosuch",
    "config --json",
    "config",
    "config get token",
    "--config-file Pulumi.dev.yaml config get token",
    "config --show-secrets get token",
    "--stack dev stack output plain",
    "stack output plain --shell",
    "stack -s nosuch output plain",
    "--json stack ls",
    "--show-secrets=false stack output plain",
    "-C nosuch whoami",
    "stack export --file nosuch/x",
    "stack import --file nosuch",
    "nosuch",
    "config get nosuch",
    "config set --path list[0] a",
    "config set --path list[1] b",
    "config set --path late[2] b",
    "config set --path late[5] b",
    "config set --path late[3].key c",
    "config set --path nested.list[1].key d",
    "config set --secret --path deep.secret hush",
    "config set-all --plaintext p=1 --secret q=2",
    "config --json --show-secrets",
    "config rm --path list[0]",
    "stack select nosuch",
    "stack init dev",
    f"state taint --yes {FIRST}",
    f"state delete --yes {FIRST}",
    "stack rm --yes dev",
    "stack rename other",
]


def printed(stack: Stack) -> dict[str, list[object]]:
    """Exit code and standard output of each command, in turn; JSON is compared as such."""
    stack.create()
    stack.run("up", "--yes", "--skip-preview", step="base", check=True)
    found: dict[str, list[object]] = {}
    for command in COMMANDS:
        result = stack.run(*command.split())
        text = re.sub(
            r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", result.stdout.replace(str(stack.directory), "DIRECTORY")
        )
        found[command] = [result.exit_code, _json(text)]
    return found


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def test_commands_print_what_the_real_cli_printed(pulumi: Path, tmp_path: Path) -> None:
    assert printed(Stack(pulumi, tmp_path, "hidden")) == json.loads(RECORDED.read_text())


@pytest.mark.real_engine
def test_the_recorded_words_are_the_real_ones(
    real_pulumi: Path, tmp_path: Path, record: Callable[[Path, object], None]
) -> None:
    words = printed(Stack(real_pulumi, tmp_path, "hidden"))
    record(RECORDED, words)
    assert words == json.loads(RECORDED.read_text())
