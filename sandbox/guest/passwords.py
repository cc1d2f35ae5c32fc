"""Password hashes in the machine's /etc/shadow. scrypt, because Python has dropped crypt(3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

MARK = "$sandbox-scrypt$"


def hashed(password: str) -> str:
    """The field that goes to /etc/shadow."""
    salt = os.urandom(12)
    return f"{MARK}{_text(salt)}${_text(_derived(password, salt))}"


def matches(password: str, field: str) -> bool:
    """Whether the password is the one behind a field; a locked or foreign field matches nothing."""
    salt, _, wanted = field.removeprefix(MARK).partition("$")
    if not field.startswith(MARK) or not wanted:
        return False
    return hmac.compare_digest(_derived(password, base64.b64decode(salt)), base64.b64decode(wanted))


def field_of(shadow: str, user: str) -> str:
    """The user's field in the text of /etc/shadow; empty when there is none."""
    for line in shadow.splitlines():
        name, _, rest = line.partition(":")
        if name == user:
            return rest.partition(":")[0]
    return ""


def with_field(shadow: str, user: str, field: str) -> str:
    """The text of /etc/shadow with the user's field replaced. Raises KeyError when there is no such user."""
    lines = shadow.splitlines()
    for number, line in enumerate(lines):
        name, _, rest = line.partition(":")
        if name == user:
            lines[number] = f"{name}:{field}:{rest.partition(':')[2]}"
            return "\n".join(lines) + "\n"
    raise KeyError(user)


def _derived(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogateescape"), salt=salt, n=1 << 12, r=8, p=1)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
