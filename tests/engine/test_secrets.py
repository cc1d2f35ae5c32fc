"""Secrets under the CLI's passphrase format, in deployments and in settings files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.engine.codec import Codec
from sandbox.engine.errors import CommandError
from sandbox.engine.passphrase import Passphrase
from sandbox.engine.state import Resource, Snapshot
from sandbox.engine.values import secret

SALT_OF_THE_CLI = "v1:ri77/eEbFPM=:v1:cgsd6UxLC44UJVo8:cfTTeY26dah6RfljM6jiF2scO4Y43g=="
HUNTER2_OF_THE_CLI = "v1:AJiRw956F8tg9uXx:6uia9PRSFt0LzKokrulUKJiaXKq7cNI="
"""Written by pulumi 3.260.0 under the passphrase `x`."""


@pytest.fixture(scope="module")
def passphrase() -> Passphrase:
    return Passphrase.create("correct horse")


def test_what_the_cli_encrypted_is_read() -> None:
    clis = Passphrase(SALT_OF_THE_CLI, "x")
    clis.verify()
    assert clis.decrypt(HUNTER2_OF_THE_CLI) == "hunter2"


def test_a_wrong_passphrase_is_named_as_such() -> None:
    with pytest.raises(CommandError, match="incorrect passphrase"):
        Passphrase(SALT_OF_THE_CLI, "y").verify()


def resource(**outputs: Any) -> Resource:
    return Resource("urn:pulumi:dev::p::a:b:C::n", custom=True, id="1", type="a:b:C", outputs=outputs)


def test_secrets_at_any_depth_are_encrypted_and_come_back(passphrase: Passphrase) -> None:
    nested = secret({"key": secret("inner"), "list": [1, secret(None)]})
    original = resource(top=secret("s3cret"), deep={"in": [secret({"a": "s3cret"}), 1]}, nested=nested)
    deployment = Codec(passphrase).encode(Snapshot([original]))
    text = json.dumps(deployment)
    assert "s3cret" not in text
    assert "inner" not in text
    (read,) = Codec(passphrase).decode(deployment).resources
    assert read.outputs == original.outputs


def test_an_unchanged_secret_keeps_its_ciphertext_and_a_changed_one_does_not(passphrase: Passphrase) -> None:
    codec = Codec(passphrase)
    first = codec.encode(Snapshot([resource(kept=secret("a"), changed=secret("b"))]))
    snapshot = Codec(passphrase).decode(first)
    again = Codec(passphrase)
    snapshot = again.decode(first)
    snapshot.resources[0].outputs["changed"] = secret("c")
    second = again.encode(snapshot)
    before, after = (each["resources"][0]["outputs"] for each in (first, second))
    assert before["kept"] == after["kept"]
    assert before["changed"] != after["changed"]


def test_an_export_with_secrets_in_clear_is_read_back(passphrase: Passphrase) -> None:
    codec = Codec(passphrase)
    shown = codec.encode(Snapshot([resource(s=secret({"a": 1}))]), show_secrets=True)
    assert json.loads(shown["resources"][0]["outputs"]["s"]["plaintext"]) == {"a": 1}
    assert codec.decode(shown).resources[0].outputs["s"] == secret({"a": 1})


def test_state_of_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(CommandError, match="viewOf"):
        Codec(None).decode({"resources": [{"urn": "u", "custom": False, "type": "t", "viewOf": "v"}]})


def test_a_resource_before_its_dependency_is_refused() -> None:
    broken = Snapshot([Resource("u", dependencies=["v"]), Resource("v")])
    with pytest.raises(CommandError, match="integrity"):
        broken.verify()
