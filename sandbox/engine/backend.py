"""The file backend: `.pulumi/stacks/<project>/<stack>.json` with history, backups and lock files as the CLI
keeps them.

Source: pkg/backend/diy (lock.go, state.go, store.go).
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.engine.errors import CommandError
from sandbox.engine.state import check_version, is_stack_name, timestamp
from sandbox.engine.values import PropertyMap


@dataclass(frozen=True)
class StackReference:
    project: str
    name: str

    def __str__(self) -> str:
        return f"organization/{self.project}/{self.name}"


class FileBackend:
    def __init__(self, url: str) -> None:
        if not url.startswith("file://"):
            problem = f"this engine keeps state on a file:// backend only, not on {url.split('://')[0]}://"
            msg = f"{problem}; the real CLI speaks the others"
            raise CommandError(msg)
        path = url.removeprefix("file://")
        self.url = url
        directory = Path(path).expanduser().absolute()
        if not directory.is_dir():
            problem = "is not a directory" if directory.exists() else "does not exist; make it first"
            msg = f'unable to open state directory "{url}": {directory} {problem}'
            raise CommandError(msg)
        self.root = directory / ".pulumi"

    def stack_file(self, stack: StackReference) -> Path:
        return self.root / "stacks" / stack.project / f"{stack.name}.json"

    def parse(self, text: str, project: str) -> StackReference:
        """Read `[organization/[project/]]name`. Raises CommandError for anything else."""
        *owner, name = text.split("/")
        if (owner and owner[0] != "organization") or len(owner) > 2:
            msg = "organization name must be 'organization'"
            raise CommandError(msg)
        project = owner[1] if len(owner) == 2 else project
        if not project:
            fix = "run this command from a project's directory or pass organization/project/stack"
            msg = f"no Pulumi.yaml project file found; {fix}"
            raise CommandError(msg)
        if not is_stack_name(name):
            msg = "a stack name may only contain alphanumeric, hyphens, underscores, or periods"
            raise CommandError(msg)
        return StackReference(project, name)

    def exists(self, stack: StackReference) -> bool:
        return self.stack_file(stack).exists()

    def stacks(self, project: str = "*") -> list[StackReference]:
        files = sorted((self.root / "stacks").glob(f"{project}/*.json"))
        return [StackReference(file.parent.name, file.stem) for file in files]

    def read(self, stack: StackReference) -> PropertyMap:
        """The deployment, or {} for a stack that was never saved. Raises CommandError."""
        try:
            document = json.loads(self.stack_file(stack).read_text())
        except FileNotFoundError:
            msg = f"no stack named '{stack.name}' found"
            raise CommandError(msg, exit_code=6) from None
        except ValueError as error:
            msg = f"the checkpoint of '{stack.name}' is not JSON: {error}"
            raise CommandError(msg) from None
        check_version(f"the checkpoint of '{stack.name}'", document)
        return document["checkpoint"].get("latest") or {}

    def write(self, stack: StackReference, deployment: PropertyMap, features: list[str]) -> None:
        checkpoint: PropertyMap = {"stack": str(stack), "latest": deployment}
        file = self.stack_file(stack)
        self._initialise()
        if file.exists():
            _keep_as(file, file.with_name(file.name + ".bak"))
        write_atomically(file, json.dumps(versioned(features) | {"checkpoint": checkpoint}, **COMPACT))

    def _initialise(self) -> None:
        if not (meta := self.root / "meta.yaml").exists():
            write_atomically(meta, "version: 1\n")

    def remove(self, stack: StackReference) -> None:
        """Remove the stack and its history; its last state stays as `.bak` and in backups."""
        file = self.stack_file(stack)
        file.replace(file.with_name(file.name + ".bak"))
        shutil.rmtree(self._directory("history", stack), ignore_errors=True)

    def rename(
        self, old: StackReference, new: StackReference, deployment: PropertyMap, features: list[str]
    ) -> None:
        self.write(new, deployment, features)
        if (history := self._directory("history", old)).exists():
            history.rename(self._directory("history", new))
        self.stack_file(old).replace(self.stack_file(old).with_name(f"{old.name}.json.bak"))

    @contextlib.contextmanager
    def lock(self, stack: StackReference) -> Iterator[None]:
        """Hold the stack's lock. Raises CommandError naming every other holder."""
        directory = self.root / "locks" / str(stack)
        mine = directory / f"{uuid.uuid4()}.json"
        self._check_locks(directory, mine)
        owner = {"pid": os.getpid(), "username": getpass.getuser(), "hostname": socket.gethostname()}
        write_atomically(mine, json.dumps(owner | {"timestamp": timestamp()}))
        try:
            self._check_locks(directory, mine)
            yield
        finally:
            mine.unlink(missing_ok=True)

    def _check_locks(self, directory: Path, mine: Path) -> None:
        held = [file for file in directory.glob("*.json") if file != mine]
        if held:
            lines = [_holder(file) for file in held]
            fix = "Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`."
            raise CommandError(
                "\n  ".join([f"the stack is currently locked by {len(held)} lock(s). {fix}", *lines])
            )

    def cancel(self, stack: StackReference) -> None:
        for file in (self.root / "locks" / str(stack)).glob("*.json"):
            file.unlink(missing_ok=True)

    def record(self, stack: StackReference, update: PropertyMap) -> None:
        """Add an update to the history, with a copy of the checkpoint, and back the checkpoint up."""
        history = self._directory("history", stack) / f"{stack.name}-{time.time_ns()}"
        write_atomically(Path(f"{history}.history.json"), json.dumps(update, **COMPACT))
        _keep_as(self.stack_file(stack), Path(f"{history}.checkpoint.json"))
        backup = self._directory("backups", stack) / f"{stack.name}.{time.time_ns()}.json"
        backup.parent.mkdir(parents=True, exist_ok=True)
        _keep_as(self.stack_file(stack), backup)

    def history(self, stack: StackReference) -> list[PropertyMap]:
        """Updates, newest first, each with its version number."""
        files = sorted(self._directory("history", stack).glob("*.history.json"))
        updates = [json.loads(file.read_text()) for file in files]
        return updates[::-1]

    def _directory(self, kind: str, stack: StackReference) -> Path:
        return self.root / kind / stack.project / stack.name


def versioned(features: list[str]) -> PropertyMap:
    return {"version": 4, "features": features} if features else {"version": 3}


COMPACT: dict[str, Any] = {"separators": (",", ":"), "ensure_ascii": False}


def _holder(file: Path) -> str:
    try:
        held = json.loads(file.read_text())
    except (OSError, ValueError):
        return f"{file.as_uri()}: unreadable"
    owner = f"{held['username']}@{held['hostname']} (pid {held['pid']})"
    return f"{file.as_uri()}: created by {owner} at {held['timestamp']}"


def _keep_as(file: Path, copy: Path) -> None:
    temporary = copy.with_name(f".{copy.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        os.link(file, temporary)
    except OSError:  # a file system without hard links
        shutil.copyfile(file, temporary)
    temporary.replace(copy)


def write_atomically(file: Path, text: str) -> None:
    """Raises CommandError, leaving the old file as it was, when the disk is full or not writable."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text)
        temporary.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        msg = f"cannot write {file}: {error.strerror}; the previous state is kept"
        raise CommandError(msg) from None
