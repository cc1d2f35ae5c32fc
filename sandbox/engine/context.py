"""What a command works on: project, backend, and the selected stack with settings, state and secrets."""

from __future__ import annotations

import contextlib
import os
from argparse import Namespace
from functools import cached_property
from pathlib import Path

from sandbox.engine.backend import FileBackend, StackReference
from sandbox.engine.codec import Codec
from sandbox.engine.config import ConfigValue, apply_schema
from sandbox.engine.errors import CommandError, unsupported
from sandbox.engine.passphrase import Passphrase, phrase_from_environment
from sandbox.engine.project import Home, Project, StackSettings, find_project
from sandbox.engine.state import Snapshot
from sandbox.engine.values import PropertyMap


class Context:
    def __init__(self, arguments: Namespace) -> None:
        self.arguments = arguments
        self.interactive = not getattr(arguments, "non_interactive", False)
        if directory := getattr(arguments, "cwd", ""):
            try:
                os.chdir(directory)
            except OSError as error:
                msg = f"chdir {directory}: {(error.strerror or str(error)).lower()}"
                raise CommandError(msg) from None
        self.home = Home()

    @cached_property
    def found_project(self) -> Project | None:
        return find_project()

    @property
    def project(self) -> Project:
        if self.found_project is None:
            msg = "no Pulumi.yaml project file found; run this command from a project's directory or pass -C"
            raise CommandError(msg)
        return self.found_project

    @cached_property
    def backend(self) -> FileBackend:
        return self.home.backend(self.found_project)

    def parse(self, name: str) -> StackReference:
        return self.backend.parse(name, self.found_project.name if self.found_project else "")

    @cached_property
    def stack(self) -> StackReference:
        """--stack, else the selected one. Raises CommandError when there is none or it does not exist."""
        name = getattr(self.arguments, "stack", "") or self._selected
        if not name and self.project:
            fix = "please use `pulumi stack select` or `pulumi stack init` to choose one"
            msg = f"no stack selected; {fix}"
            raise CommandError(msg)
        stack = self.parse(name)
        if not self.backend.exists(stack):
            msg = f"no stack named '{stack.name}' found"
            raise CommandError(msg, exit_code=6)
        return stack

    @cached_property
    def _selected(self) -> str:
        return self.home.selected(self.found_project, self.backend) if self.found_project else ""

    def is_selected(self, stack: StackReference) -> bool:
        return bool(self._selected) and self.parse(self._selected) == stack

    @cached_property
    def settings(self) -> StackSettings:
        return self.settings_of(self.stack)

    def settings_of(self, stack: StackReference) -> StackSettings:
        named = getattr(self.arguments, "config_file", "")
        directory = self.found_project.settings_directory if self.found_project else Path.cwd()
        return StackSettings(Path(named) if named else directory / f"Pulumi.{stack.name}.yaml")

    @cached_property
    def deployment(self) -> PropertyMap:
        return self.backend.read(self.stack)

    @cached_property
    def passphrase(self) -> Passphrase | None:
        """The stack's secrets; None for a stack without a salt."""
        return self._passphrase_of(self.deployment, self.settings.salt)

    def _passphrase_of(self, deployment: PropertyMap, salt: str = "") -> Passphrase | None:
        provider = deployment.get("secrets_providers") or {}
        if provider.get("type", "passphrase") != "passphrase":
            raise CommandError(unsupported(f"the stack's secrets provider {provider['type']!r} is"))
        salt = salt or (provider.get("state") or {}).get("salt", "")
        return Passphrase(salt, phrase_from_environment(self.interactive)) if salt else None

    @cached_property
    def codec(self) -> Codec:
        return Codec(self.passphrase)

    def holds_dynamic_resources(self) -> bool:
        """Whether the recorded state needs the SDK's dynamic provider; nothing is decrypted for it."""
        resources = self.deployment.get("resources") or []
        return any("::pulumi:providers:pulumi-python::" in each.get("provider", "") for each in resources)

    def snapshot(self) -> Snapshot:
        """A fresh copy of the recorded state, verified."""
        if self.passphrase:  # also where nothing is encrypted yet: the wrong one must not encrypt anything
            self.passphrase.verify()
        snapshot = self.codec.decode(self.deployment)
        snapshot.verify()
        return snapshot

    def save(self, snapshot: Snapshot) -> None:
        self.backend.write(self.stack, self.codec.encode(snapshot), snapshot.features())

    def decrypt(self, ciphertext: str) -> str:
        if self.passphrase is None:
            msg = f"{self.settings.file} holds an encrypted value but no encryptionsalt"
            raise CommandError(msg)
        return self.passphrase.decrypt(ciphertext)

    def values(self) -> dict[str, ConfigValue]:
        """The program's configuration: the stack's values with the project's schema applied."""
        return apply_schema(self.project, self.stack.name, self.settings.config, self.decrypt)

    def derive_key_early(self) -> None:
        """Start deriving the key while the SDK is imported; errors come later."""
        with contextlib.suppress(CommandError):
            if self.passphrase:
                self.passphrase.prepare()

    def open_stack(self, name: str) -> Snapshot:
        """A stack of the same backend as it was stored last, for stack references."""
        other = self.parse(name)
        deployment = self.backend.read(other)
        codec = self.codec if other == self.stack else Codec(self._passphrase_of(deployment))
        return codec.decode(deployment)
