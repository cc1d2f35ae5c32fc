"""Real machines, and an OpenSSH client that knows only what a test gives it."""

from __future__ import annotations

import os
import subprocess
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue

import asyncssh
import pytest

from sandbox.guest.guests import SshGuests

PASSWORD = "temporary-1"
FASTAI = "fast.ai"


@dataclass
class Student:
    """Someone with an SSH client, a key and a known_hosts file of their own."""

    folder: Path
    guests: SshGuests
    machine: str
    user: str = "paperspace"

    @property
    def key(self) -> Path:
        key = self.folder / "key"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        return key

    @property
    def public_key(self) -> str:
        return self.key.with_suffix(".pub").read_text()

    def options(self, *more: str, port_option: str = "-p") -> list[str]:
        return [
            "-F", "none", "-i", str(self.key), "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR",
            "-o", "StrictHostKeyChecking=accept-new", "-o", f"UserKnownHostsFile={self.folder}/known_hosts",
            "-o", "ConnectTimeout=10", *more, port_option, str(self.guests.port_of(self.machine)),
        ]  # fmt: skip

    @property
    def address(self) -> str:
        return f"{self.user}@127.0.0.1"

    def command(self, line: str, *more: str) -> list[str]:
        return ["ssh", *self.options("-o", "BatchMode=yes", *more), self.address, line]

    def run(
        self, line: str, *more: str, given: bytes = b"", seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(line, *more), input=given, capture_output=True, timeout=seconds, check=False
        )
        return subprocess.CompletedProcess(
            done.args,
            done.returncode,
            done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"),
        )

    def out(self, line: str, *more: str, given: bytes = b"") -> str:
        """What a command prints; it must succeed."""
        done = self.run(line, *more, given=given)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def connected(self) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
        """A connection of asyncssh's, for what no command line of OpenSSH does."""
        return asyncssh.connect(
            "127.0.0.1",
            self.guests.port_of(self.machine),
            username=self.user,
            client_keys=[str(self.key)],
            known_hosts=None,
            config=[],
        )

    def with_password(self, password: str, line: str = "echo in") -> bool:
        """Whether a login with this password, and no key, works."""
        ask = self.folder / "askpass"
        ask.write_text('#!/bin/sh\nprintf "%s\\n" "$TEST_PASSWORD"\n')
        ask.chmod(0o700)
        options = ("-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1")
        asking = {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
        environment = os.environ | asking | {"TEST_PASSWORD": password}
        command = ["ssh", *self.options(*options), self.address, line]
        done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
        assert done.returncode in (0, 255), done.stderr
        return done.returncode == 0


@dataclass
class World:
    """A directory of machines and what happened to them."""

    directory: Path
    level: str
    off: Queue[str] = field(default_factory=Queue)
    guests: SshGuests = field(init=False)

    def open(self, port: int = 0) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SANDBOX_GUEST_LEVEL", self.level)
            self.guests = SshGuests(self.directory, port, self.off.put)
            assert self.guests.level == self.level

    def disk(self, machine: str) -> Path:
        return self.directory / "machines" / machine / "disk"

    def boot(self, machine: str, *, template: str = "ubuntu", script: str | None = None) -> None:
        self.guests.boot(
            machine, template=template, address="127.0.0.1", password=PASSWORD, startup_script=script
        )

    def authorize(self, student: Student, machine: str) -> None:
        """Put the student's key on the disk, as an earlier login would have."""
        folder = self.disk(machine) / "home/paperspace/.ssh"
        folder.mkdir(exist_ok=True)
        with (folder / "authorized_keys").open("a") as file:
            file.write(student.public_key)


def student_of(world: World, folder: Path, machine: str) -> Student:
    """A student whose key is on the machine."""
    student = Student(folder, world.guests, machine)
    world.authorize(student, machine)
    return student
