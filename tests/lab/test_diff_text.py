"""What a diff shows of values that are more than JSON; the signatures are Pulumi's own SDK's."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime import rpc

from lab.diff_text import change_lines
from lab.events import Change


def envelope(signature: str, **content: Any) -> dict[str, Any]:
    return {rpc._special_sig_key: signature, **content}


def asset(text: str) -> dict[str, Any]:
    return envelope(rpc._special_asset_sig, text=text)


def secret(value: Any) -> dict[str, Any]:
    return envelope(rpc._special_secret_sig, value=value)


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (asset("a"), asset("b"), ['-   source: {"text": "a"}', '+   source: {"text": "b"}']),
        (secret("a"), secret("b"), ["!   source: [secret] only its secret value changes"]),
        ("a", [secret("b")], ['-   source: "a"', '+   source: ["[secret]"]']),
        (
            asset("a"),
            {"of": secret(asset("b"))},
            ['-   source: {"text": "a"}', '+   source: {"of": "[secret]"}'],
        ),
    ],
    ids=["assets", "secrets", "a secret in a list", "a secret asset"],
)
def test_a_secret_is_masked_and_an_asset_is_shown(old: Any, new: Any, lines: list[str]) -> None:
    change = Change("a::file", "command:remote:CopyToRemote", "update", {"source": old}, {"source": new})
    assert list(change_lines(change)) == ["! CopyToRemote file: update", *lines]
