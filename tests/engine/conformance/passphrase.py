"""The CLI's passphrase encryption, written a second time so that the engine's own is tested by it.

A text is `v1:<nonce>:<data>` in base64 (AES-256-GCM); the key is PBKDF2-SHA256 of the passphrase with
1,000,000 rounds, and the salt line `v1:<salt>:<the encrypted word pulumi>`.
"""

from __future__ import annotations

import base64
import functools
import hashlib

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PASSPHRASE = "correct horse"
_SALT, _NONCE = b"8 bytes.", b"twelve bytes"


def decrypt(ciphertext: str, salt: str) -> str:
    _, nonce, data = ciphertext.split(":")
    return AESGCM(_key(salt)).decrypt(base64.b64decode(nonce), base64.b64decode(data), None).decode()


def encrypt(text: str, salt: str) -> str:
    data = AESGCM(_key(salt)).encrypt(_NONCE, text.encode(), None)
    return f"v1:{base64.b64encode(_NONCE).decode()}:{base64.b64encode(data).decode()}"


def fixed_salt() -> str:
    salt = f"v1:{base64.b64encode(_SALT).decode()}"
    return f"{salt}:{encrypt('pulumi', salt)}"


def _key(salt: str) -> bytes:
    return _derive(salt.split(":")[1])


@functools.lru_cache
def _derive(salt: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), base64.b64decode(salt), 1_000_000)
