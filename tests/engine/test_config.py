from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.engine.workbench import Workbench

SCHEMA = """
config:
  size: {type: integer, default: 50, description: gigabytes}
  names: {type: array, items: {type: string}, default: [a, b]}
  live: {type: boolean, default: false}
  needed: {type: string}
  other:thing: from-another-namespace
"""


@pytest.fixture
def configured(bench: Workbench) -> Workbench:
    bench.project(SCHEMA)
    bench.program(
        "c = pulumi.Config()\n"
        "numbers = [c.require_int('size'), c.require_object('names')]\n"
        "pulumi.export('all', [*numbers, c.require_bool('live'), c.require('needed')])\n"
        "pulumi.export('other', pulumi.Config('other').require('thing'))\n"
        "pulumi.export('extra', c.get('extra'))"
    )
    return bench


def test_a_missing_value_is_named(configured: Workbench) -> None:
    assert "Stack 'dev' is missing configuration value 'needed'" in configured.run("preview", code=1)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("size", "big"), "configuration key 'size' must be of type 'integer'"),
        (("live", "maybe"), "configuration key 'live' must be of type 'boolean'"),
        (("--path", "names[0]", "5"), "configuration key 'names' must be of type 'array<string>'"),
    ],
)
def test_a_wrong_type_is_named(configured: Workbench, arguments: tuple[str, ...], problem: str) -> None:
    configured.run("config", "set", "needed", "x")
    configured.run("config", "set", *arguments)
    assert problem in configured.run("preview", code=1)


def test_defaults_reach_the_program_and_unknown_keys_pass(configured: Workbench) -> None:
    configured.run("config", "set", "needed", "x")
    configured.run("config", "set", "extra", "anything")
    configured.up()
    outputs = configured.json("stack", "output", "--json")
    assert outputs == {
        "all": [50, ["a", "b"], False, "x"],
        "other": "from-another-namespace",
        "extra": "anything",
    }


def test_a_secret_is_encrypted_in_the_file_masked_in_lists_and_plain_to_get(bench: Workbench) -> None:
    bench.run("config", "set", "--secret", "token", "hush-hush")
    file = (bench.program_directory / "Pulumi.dev.yaml").read_text()
    assert "hush-hush" not in file
    assert "hush-hush" not in bench.run("config")
    assert bench.run("config", "get", "token").strip() == "hush-hush"
    assert bench.json("config", "--json", "--show-secrets")["bench:token"] == {
        "value": "hush-hush",
        "secret": True,
    }


def test_setting_a_value_keeps_comments_and_order(bench: Workbench) -> None:
    file = bench.program_directory / "Pulumi.dev.yaml"
    file.write_text(file.read_text() + "config:\n  # how big\n  bench:size: 5\n  bench:name: x  # for Ann\n")
    bench.run("config", "set", "size", "6")
    bench.run("config", "set", "--path", "list[0]", "one")
    text = file.read_text()
    assert re.search("""# how big.*bench:size: ['"]6['"].*bench:name: x +# for Ann""", text, re.DOTALL)
    bench.run("config", "rm", "name")
    assert "# how big" in file.read_text()


def test_a_secret_inside_an_object_makes_the_whole_value_secret_to_the_program(bench: Workbench) -> None:
    bench.run("config", "set", "--path", "account.name", "ann")
    bench.run("config", "set", "--path", "--secret", "account.key", "hush-hush")
    bench.up("pulumi.export('key', pulumi.Config().require_secret_object('account')['key'])")
    assert "hush-hush" not in bench.state_file.read_text()
    assert bench.json("stack", "output", "--json", "--show-secrets")["key"] == "hush-hush"


def test_values_that_look_like_flags_go_after_two_dashes(bench: Workbench) -> None:
    bench.run("config", "set", "offset", "--", "-5")
    assert bench.run("config", "get", "offset").strip() == "-5"


def test_a_broken_settings_file_is_named(bench: Workbench) -> None:
    file: Path = bench.program_directory / "Pulumi.dev.yaml"
    file.write_text("config: [\n")
    assert re.search("Pulumi.dev.yaml is not valid YAML|invalid YAML file", bench.run("config", code=1))
