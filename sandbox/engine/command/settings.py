"""The connection input as an object, with its keys parsed.

Errors are RunError with the words of the real plugin's Go libraries; none of them is retried.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Self

import asyncssh

from sandbox.engine.command.errors import RunError
from sandbox.engine.values import PropertyMap, reveal


@dataclass(frozen=True)
class Endpoint:
    """One SSH server and how to log in; `per_dial_timeout` in seconds (0: none), -1 dial errors: no limit."""

    host: str
    port: int
    user: str
    password: str | None
    key: asyncssh.SSHKey | None
    host_key: asyncssh.SSHKey | None
    agent_path: str | None
    dial_error_limit: int
    per_dial_timeout: int

    @classmethod
    def parse(cls, properties: PropertyMap) -> Self:
        """Raise RunError for a key, passphrase or host key that cannot be read."""
        values: dict[str, Any] = reveal(properties)
        return cls(
            host=values["host"],
            port=int(values.get("port", 22)),
            user=values.get("user", "root"),
            password=values.get("password"),
            key=_private_key(values.get("privateKey"), values.get("privateKeyPassword")),
            host_key=_host_key(values.get("hostKey")),
            agent_path=values.get("agentSocketPath") or os.environ.get("SSH_AUTH_SOCK") or None,
            dial_error_limit=int(values.get("dialErrorLimit", 10)),
            per_dial_timeout=int(values.get("perDialTimeout", 15)),
        )

    def methods(self) -> list[str]:
        """The ways to log in, in the order in which they are tried."""
        key = ["publickey"] if self.key or self.agent_path else []
        return [*key, "password"] if self.password is not None else key


def _private_key(text: str | None, passphrase: str | None) -> asyncssh.SSHKey | None:
    if text is None:
        return None
    try:
        return asyncssh.import_private_key(text, passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise RunError(_key_problem(str(error), passphrase)) from error


def _key_problem(reason: str, passphrase: str | None) -> str:
    if "bcrypt" in reason:
        return f"{reason}: install the Python package bcrypt, or give the key without a passphrase"
    if passphrase is not None:
        return "x509: decryption password incorrect"
    protected = "Passphrase" in reason
    return "ssh: this private key is passphrase protected" if protected else "ssh: no key found"


def _host_key(text: str | None) -> asyncssh.SSHKey | None:
    """Read an authorized_keys or known_hosts line."""
    if text is None:
        return None
    words = text.split()
    for start in range(len(words) - 1):
        try:
            key = asyncssh.import_public_key(" ".join(words[start : start + 2]))
        except asyncssh.KeyImportError:
            continue
        return key
    message = "failed to parse host key: ssh: no key found"
    raise RunError(message)
