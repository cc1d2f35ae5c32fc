from __future__ import annotations

import asyncssh
import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from components import key_pair
from components.envelope import SECRET, SIGNATURE
from components.key_pair import KeyPairProvider
from components.token import TokenProvider, digest


def test_a_pair_is_in_openssh_formats_and_its_fingerprint_is_ssh_keygens() -> None:
    pair = key_pair.generate()
    private = asyncssh.import_private_key(pair["private_key"])
    assert private.export_public_key().decode().split()[:2] == pair["public_key"].split()
    assert asyncssh.import_public_key(pair["public_key"]).get_fingerprint() == pair["fingerprint"]


def test_two_pairs_differ() -> None:
    assert key_pair.generate()["public_key"] != key_pair.generate()["public_key"]


@pytest.mark.parametrize(
    ("provider", "name"),
    [(KeyPairProvider(), "private_key"), (TokenProvider(), "value")],
    ids=["key pair", "token"],
)
def test_the_secret_is_marked_secret_in_every_answer(provider: ResourceProvider, name: str) -> None:
    made = provider.create({}).outs
    assert made
    assert made[name][SIGNATURE] == SECRET
    plain = {**made, name: made[name]["value"]}
    assert provider.read("id", plain).outs == made
    assert provider.update("id", plain, {}).outs == made
    assert provider.diff("id", plain, {"anything": "else"}).changes is False


def test_the_digest_of_a_token_does_not_tell_it() -> None:
    made = TokenProvider().create({})
    assert made.outs
    value = made.outs["value"]["value"]
    assert len(value) == 48
    assert made.id == digest(value)
    assert digest(value) not in value


@pytest.mark.parametrize(
    ("provider", "reference"),
    [
        (KeyPairProvider(), "gASVLgAAAAAAAACME2NvbXBvbmVudHMua2V5X3BhaXKUjA9LZXlQYWlyUHJvdmlkZXKUk5QpgZQu"),
        (TokenProvider(), "gASVKQAAAAAAAACMEGNvbXBvbmVudHMudG9rZW6UjA1Ub2tlblByb3ZpZGVylJOUKYGULg=="),
    ],
    ids=["key pair", "token"],
)
def test_the_reference_that_every_state_holds_does_not_change(
    provider: ResourceProvider, reference: str
) -> None:
    assert serialize_provider(provider) == reference
