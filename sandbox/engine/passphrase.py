"""Secrets under a passphrase, in the CLI's format: `v1:<nonce>:<ciphertext>` with AES-256-GCM.

The key is PBKDF2-SHA256 of the passphrase, 1,000,000 rounds (sdk/go/common/resource/config/crypt.go). The
stack's salt
is `v1:<salt>:` followed by the encrypted word `pulumi`, which tells a wrong passphrase from a right one.
"""

from __future__ import annotations

import base64
import os
import signal
import sys
import threading
from pathlib import Path

from sandbox.engine.errors import CommandError

ROUNDS = 1_000_000


class Passphrase:
    """Encrypts and decrypts for one stack. The key is derived on first use, or ahead of it by `prepare`."""

    def __init__(self, salt: str, phrase: str) -> None:
        self.salt = salt
        self._phrase = phrase
        self._lock = threading.Lock()
        self._key = b""
        self._coming: tuple[int, int] | None = None

    @classmethod
    def create(cls, phrase: str) -> Passphrase:
        salt = base64.b64encode(os.urandom(8)).decode()
        new = cls(f"v1:{salt}:", phrase)
        new._key = new._derive()
        new.salt += new.encrypt("pulumi")
        return new

    def prepare(self) -> None:
        """Start to derive the key in a child process; a thread would be in the way of the forker."""
        ready, done = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.write(done, self._derive())
            os._exit(0)
        os.close(done)
        self._coming = pid, ready

    def encrypt(self, text: str) -> str:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(12)
        sealed = AESGCM(self._derive_once()).encrypt(nonce, text.encode(), None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, ciphertext: str) -> str:
        """Raises CommandError when the passphrase is wrong or the text is not in the `v1` format."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        version, _, rest = ciphertext.partition(":")
        nonce, _, sealed = rest.partition(":")
        if version != "v1":
            msg = f"unknown secret format {version!r}; this engine reads v1 (passphrase) only"
            raise CommandError(msg)
        try:
            plain = AESGCM(self._derive_once()).decrypt(
                base64.b64decode(nonce), base64.b64decode(sealed), None
            )
        except InvalidTag:
            msg = "incorrect passphrase"
            raise CommandError(msg) from None
        return plain.decode()

    def verify(self) -> None:
        if self.decrypt(self.salt.split(":", 2)[2]) != "pulumi":
            msg = "incorrect passphrase"
            raise CommandError(msg)

    def _derive_once(self) -> bytes:
        with self._lock:
            self._key = self._key or self._collect() or self._derive()
        return self._key

    def _collect(self) -> bytes:
        """The key that `prepare` ordered; empty where there is none or its process died."""
        if self._coming is None:
            return b""
        (pid, ready), self._coming = self._coming, None
        with os.fdopen(ready, "rb") as answer:
            key = answer.read()
        os.waitpid(pid, 0)
        return key

    def _derive(self) -> bytes:
        """With the library's own OpenSSL, which is twice as fast as the one behind hashlib."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

        salt = base64.b64decode(self.salt.split(":")[1])
        return PBKDF2HMAC(SHA256(), 32, salt, ROUNDS).derive(self._phrase.encode())


def phrase_from_environment(interactive: bool) -> str:
    """PULUMI_CONFIG_PASSPHRASE, else the content of PULUMI_CONFIG_PASSPHRASE_FILE, else a prompt."""
    if (phrase := os.environ.get("PULUMI_CONFIG_PASSPHRASE")) is not None:
        return phrase
    if file := os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        return Path(file).read_text().strip()
    if interactive and sys.stdin.isatty():
        import getpass

        return getpass.getpass("Enter your passphrase to unlock config/secrets: ")
    names = "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
    msg = f"passphrase must be set with {names} environment variables"
    raise CommandError(msg)
