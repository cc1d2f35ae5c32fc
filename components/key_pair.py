"""An ed25519 key pair in OpenSSH's formats, made once and kept in the stack's state.

KeyPairProvider is stored in state by module and class name: neither may be renamed.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from components.sealing import sealed, with_secrets

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def generate() -> dict[str, str]:
    """`private_key` (a file's text), `public_key` ("ssh-ed25519 AAAA…"), `fingerprint` ("SHA256:…")."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    private, public = (key := Ed25519PrivateKey.generate()), key.public_key()
    return {
        "private_key": private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode(),
        "public_key": public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(),
        "fingerprint": fingerprint(public),
    }


def fingerprint(public: Ed25519PublicKey) -> str:
    """As `ssh-keygen -l` prints it."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import ssh_key_fingerprint

    return "SHA256:" + base64.b64encode(ssh_key_fingerprint(public, SHA256())).decode().rstrip("=")


class KeyPairProvider(ResourceProvider):
    """Never changes a pair once it is made; `read` and `update` echo."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:  # noqa: ARG002 - the base class names it
        pair = generate()
        return CreateResult(pair["fingerprint"], sealed(pair, "private_key"))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=False)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_, sealed(props, "private_key"))

    def update(self, _id: str, olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(sealed(olds, "private_key"))


class KeyPair(Resource, module="ssh", name="KeyPair"):
    """A key pair; `private_key` is secret."""

    private_key: pulumi.Output[str]
    public_key: pulumi.Output[str]
    fingerprint: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        outputs = {"private_key": None, "public_key": None, "fingerprint": None}
        super().__init__(KeyPairProvider(), name, outputs, with_secrets(opts, "private_key"))
