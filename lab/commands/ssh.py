"""`lab ssh`: a shell on the machine with the system's OpenSSH client."""

from __future__ import annotations

import os
import shutil

from lab import outputs
from lab.errors import TunnelFailed
from lab.options import Stack
from lab.ssh_files import SshFiles


def ssh(stack: Stack) -> None:
    """Open a shell on the machine."""
    exported = outputs.read(stack)
    files = SshFiles(exported.ssh_alias)
    files.write(exported)
    if not (client := shutil.which("ssh")):
        message = (
            "no `ssh` on this computer; install the OpenSSH client (Debian: apt-get install openssh-client)"
        )
        raise TunnelFailed(message)
    os.execv(client, ["ssh", *options_for(files), exported.ssh_alias])


def options_for(files: SshFiles) -> list[str]:
    """Paths in full, since OpenSSH looks `~` up in the password database and not in HOME."""
    return [
        *("-F", str(files.config)),
        *("-o", f"IdentityFile={files.key}"),
        *("-o", f"UserKnownHostsFile={files.known_hosts}"),
        *("-o", "ClearAllForwardings=yes"),
    ]
