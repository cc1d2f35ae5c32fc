"""The machine's host key: the one in its /etc/ssh, made at the first boot as `ssh-keygen -A` makes it."""

from __future__ import annotations

import os

import asyncssh

from sandbox.guest.ssh.files import GuestFiles

FILE = "/etc/ssh/ssh_host_ed25519_key"


def load(files: GuestFiles) -> asyncssh.SSHKey:
    """The key on disk; a new one is written when there is none that can be read."""
    try:
        return asyncssh.import_private_key(files.read_text(FILE))
    except asyncssh.KeyImportError:
        return _make(files)


def _make(files: GuestFiles) -> asyncssh.SSHKey:
    key = asyncssh.generate_private_key("ssh-ed25519", comment="root@sandbox")
    for path, data, mode in (
        (FILE, key.export_private_key(), 0o600),
        (f"{FILE}.pub", key.export_public_key(), 0o644),
    ):
        descriptor = os.open(files.outside(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    return key
