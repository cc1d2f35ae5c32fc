"""A random token, made once and kept in the stack's state.

TokenProvider is stored in state by module and class name: neither may be renamed.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from components.sealing import sealed, with_secrets

BYTES = 24
"""As many as Jupyter's own tokens have."""


def digest(value: str) -> str:
    """Names a token without telling it: the start of its SHA-256, in hex."""
    return hashlib.sha256(value.encode()).hexdigest()[:12]


class TokenProvider(ResourceProvider):
    """Never changes a token once it is made; `read` and `update` echo."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:  # noqa: ARG002 - the base class names it
        value = secrets.token_hex(BYTES)
        return CreateResult(digest(value), sealed({"value": value}, "value"))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=False)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, sealed(props, "value"))

    def update(self, _id: str, olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(sealed(olds, "value"))


class Token(Resource, module="random", name="Token"):
    """`value` is 48 hexadecimal characters, secret."""

    value: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TokenProvider(), name, {"value": None}, with_secrets(opts, "value"))
