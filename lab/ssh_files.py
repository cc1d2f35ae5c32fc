"""The three files on the student's computer that make `ssh <alias>` work: key, known_hosts, configuration.

They carry the stack's alias in their names: nothing else there is touched; `remove` takes them away.
The paths are those that the stack's `ssh_config` output names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lab.outputs import Outputs


@dataclass(frozen=True)
class SshFiles:
    """Where the files of one alias are."""

    alias: str

    @property
    def folder(self) -> Path:
        return Path.home() / ".ssh"

    @property
    def key(self) -> Path:
        return self.folder / self.alias

    @property
    def known_hosts(self) -> Path:
        return self.folder / f"{self.alias}.known_hosts"

    @property
    def config(self) -> Path:
        return self.folder / "config.d" / self.alias

    def write(self, outputs: Outputs) -> None:
        """Writes all three, readable by their owner only. Idempotent."""
        self.config.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self.key, outputs.private_key.get_secret_value())
        write_private(self.known_hosts, outputs.known_hosts)
        write_private(self.config, outputs.ssh_config)

    def remove(self) -> None:
        for path in (self.key, self.known_hosts, self.config):
            path.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Replaces `path` in one step; no other user can read it at any moment."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text if text.endswith("\n") else f"{text}\n")
    temporary.replace(path)
