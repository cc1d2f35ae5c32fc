"""Pulumi.yaml, Pulumi.<stack>.yaml, and the PULUMI_HOME files for the current backend and stack."""

from __future__ import annotations

import hashlib
import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.backend import FileBackend, write_atomically
from sandbox.engine.errors import CommandError, unsupported
from sandbox.engine.values import PropertyMap

_SUPPORTED = {
    *("name", "runtime", "main", "description", "config", "options", "stackConfigDir", "backend", "author"),
    *("website", "license", "template", "plugins", "packages"),
}


@dataclass(frozen=True)
class Project:
    directory: Path
    name: str
    options: PropertyMap
    main: str
    schema: PropertyMap
    refresh_always: bool
    backend_url: str
    settings_directory: Path

    @property
    def program(self) -> Path:
        """The program to run: `main:` (a directory or a file) or the project's directory."""
        return (self.directory / self.main).resolve()

    @property
    def working_directory(self) -> Path:
        return self.program if self.program.is_dir() else self.program.parent

    @property
    def python(self) -> str:
        """The interpreter: runtime.options.virtualenv, else what `python3` means in this environment."""
        if not (virtualenv := self.options.get("virtualenv")):
            return os.environ.get("PULUMI_PYTHON_CMD", "python3")
        python = self.directory / virtualenv / "bin" / "python"
        if not python.exists():
            found = f"the 'virtualenv' option in Pulumi.yaml is set to {virtualenv!r}"
            problem = f"{found}, which is not a virtual environment"
            msg = f"{problem}; create it with `python3 -m venv {virtualenv}`"
            raise CommandError(msg)
        return str(python)


def find_project() -> Project | None:
    """The project of the current directory or the nearest one above it."""
    here = Path.cwd()
    for directory in (here, *here.parents):
        for name in ("Pulumi.yaml", "Pulumi.yml"):
            if (directory / name).is_file():
                return _load(directory / name)
    return None


def _load(file: Path) -> Project:
    document = load_yaml(file)
    name, runtime = document.get("name"), document.get("runtime")
    if not isinstance(name, str) or runtime is None:
        msg = f"{file}: project is missing a '{'runtime' if name else 'name'}' attribute"
        raise CommandError(msg)
    language = runtime["name"] if isinstance(runtime, dict) else runtime
    if language != "python":
        raise CommandError(unsupported(f"{file}: runtime {language!r} is"))
    if unknown := sorted(document.keys() - _SUPPORTED):
        raise CommandError(unsupported(f"{file}: key {unknown[0]!r} is"))
    return Project(
        file.parent,
        name,
        (runtime.get("options") or {}) if isinstance(runtime, dict) else {},
        document.get("main") or ".",
        document.get("config") or {},
        str((document.get("options") or {}).get("refresh", "")) == "always",
        (document.get("backend") or {}).get("url", ""),
        file.parent / document.get("stackConfigDir", "."),
    )


def load_yaml(file: Path) -> PropertyMap:
    try:
        document = yaml.load(file.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        msg = f"{file} is not valid YAML: {error}"
        raise CommandError(msg) from None
    if document is not None and not isinstance(document, dict):
        msg = f"{file} is not a YAML mapping"
        raise CommandError(msg)
    return document or {}


class StackSettings:
    """Pulumi.<stack>.yaml. Writing keeps comments and the order of keys."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.document = load_yaml(file) if file.exists() else {}
        for key in ("environment", "secretsprovider", "encryptedkey"):
            if (found := self.document.get(key)) and found != "passphrase":
                raise CommandError(unsupported(f"{file}: {key!r} is {found!r}, which is"))

    @property
    def config(self) -> PropertyMap:
        return self.document.get("config") or {}

    @property
    def salt(self) -> str:
        return str(self.document.get("encryptionsalt") or "")

    def save(self, salt: str, config: PropertyMap) -> None:
        from ruamel.yaml import YAML

        editor = YAML()
        editor.indent(mapping=2, sequence=4, offset=2)
        editor.width = 10_000
        document = editor.load(self.file.read_text()) if self.file.exists() else None
        document = {} if document is None else document
        if salt:
            document["encryptionsalt"] = salt
        _replace_mapping(document, "config", config)
        text = io.StringIO()
        editor.dump(document, text)
        write_atomically(self.file, text.getvalue() if document else "")
        self.document = {"encryptionsalt": salt, "config": config}


def _replace_mapping(document: Any, key: str, new: PropertyMap) -> None:
    if not new:
        document.pop(key, None)
        return
    present = document.setdefault(key, {})
    for stale in [name for name in present if name not in new]:
        del present[stale]
    for name, value in new.items():
        if present.get(name) != value:
            present[name] = value


class Home:
    """PULUMI_HOME: the backend one is logged in to, and each project's selected stack."""

    def __init__(self) -> None:
        self.directory = Path(os.environ.get("PULUMI_HOME") or "~/.pulumi").expanduser()
        self._credentials = self.directory / "credentials.json"

    def backend(self, project: Project | None) -> FileBackend:
        url = (
            os.environ.get("PULUMI_BACKEND_URL")
            or (project and project.backend_url)
            or _read(self._credentials).get("current")
        )
        if not url:
            msg = "no backend: run `pulumi login --local` or set PULUMI_BACKEND_URL=file://<directory>"
            raise CommandError(msg)
        return FileBackend(str(url))

    def login(self, url: str) -> None:
        """Make `url` the current backend."""
        FileBackend(url)
        accounts = (_read(self._credentials).get("accounts") or {}) | {url: {}}
        document = {"current": url, "accessTokens": dict.fromkeys(accounts, ""), "accounts": accounts}
        write_atomically(self._credentials, json.dumps(document, indent=4))

    def _workspace(self, project: Project) -> Path:
        digest = hashlib.sha1(
            str(project.directory / "Pulumi.yaml").encode(), usedforsecurity=False
        ).hexdigest()
        return self.directory / "workspaces" / f"{project.name}-{digest}-workspace.json"

    def selected(self, project: Project, backend: FileBackend) -> str:
        """The selected stack's full name, or "" (PULUMI_STACK comes first, as with the CLI)."""
        if name := os.environ.get("PULUMI_STACK"):
            return name
        document = _read(self._workspace(project))
        return str((document.get("stacks") or {}).get(backend.url) or document.get("stack") or "")

    def select(self, project: Project, backend: FileBackend, stack: str) -> None:
        file = self._workspace(project)
        document = _read(file)
        stacks = (document.get("stacks") or {}) | {backend.url: stack}
        kept = {url: name for url, name in stacks.items() if name}
        write_atomically(file, json.dumps(document | {"stacks": kept}, indent=4))


def _read(file: Path) -> PropertyMap:
    return json.loads(file.read_text()) if file.exists() else {}
