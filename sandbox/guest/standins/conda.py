"""conda: an environment is a real virtual environment with the pip requirements of its file really installed.

The uv that installs runs in a process of its own, which alone sees the shared cache and the host's network.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.guest import wire
from sandbox.guest.init.specification import LIBRARY, USER
from sandbox.guest.standins import graphics
from sandbox.guest.standins.client import connect, exec_command, run_as
from sandbox.guest.standins.command import Refused, root, say

VERSION = "conda 4.12.0"
OWN_UV = f"{LIBRARY}/uv"
"""At level nspawn no process of the machine sees the host's network; uv has its cache."""
OWN_ENVIRONMENT = {
    "UV_CACHE_DIR": "/var/cache/uv",
    "UV_LINK_MODE": "copy",
    "UV_NO_CONFIG": "1",
    "UV_NO_PROGRESS": "1",
    "UV_PYTHON_DOWNLOADS": "never",
}


@dataclass(frozen=True)
class EnvironmentFile:
    """What an environment.yml asks for; `others` are the conda packages that the stand-in leaves out."""

    name: str | None
    requirements: list[str]
    others: list[str]


class Environments:
    """The environments below ~/anaconda3/envs, and the uv that fills them."""

    def __init__(self) -> None:
        self.base = Path(os.environ.get("HOME") or f"{root()}/home/{USER}") / "anaconda3"
        self._uv: tuple[wire.Caller, dict[str, str]] | None = None

    def prefix(self, options: argparse.Namespace, default: str | None = None) -> Path:
        """-p, else -n, else the file's name, else the active one. Raises Refused when there is none."""
        if options.prefix:
            return Path(options.prefix).absolute()
        name = options.name or default or os.environ.get("CONDA_DEFAULT_ENV")
        if not name:
            raise Refused("conda: error: one of -n/--name or -p/--prefix is required", 2)  # noqa: EM101
        return self.base if name == "base" else self.base / "envs" / name

    def existing(self, options: argparse.Namespace) -> Path:
        """The prefix of an environment that is there. Raises Refused."""
        prefix = self.prefix(options)
        if not (prefix / "bin/python").exists():
            raise Refused(f"EnvironmentLocationNotFound: Not a conda environment: {prefix}")  # noqa: EM102
        return prefix

    def all(self) -> list[Path]:
        """The prefixes, the base first."""
        folder = self.base / "envs"
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return [self.base, *(prefix for prefix in found if (prefix / "bin/python").exists())]

    def create(self, prefix: Path, requirements: list[str]) -> None:
        """Make an environment; one that fails half-way is removed. Raises Refused."""
        fresh = not prefix.exists()
        try:
            self.uv("venv", "-q", "--allow-existing", "--relocatable", "--python", _python(), str(prefix))
            self.install(prefix, requirements or ["pip"], prune=False)
        except Refused:
            if fresh:
                shutil.rmtree(prefix, ignore_errors=True)
            raise

    def install(self, prefix: Path, requirements: list[str], *, prune: bool) -> None:
        """Install, without the network first; with `prune` remove what is not asked for. Raises Refused."""
        wanted = prefix / ".requirements.txt"
        wanted.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
        where = ["--python", str(prefix / "bin/python")]
        try:
            if not prune:
                self._offline_first("pip", "install", *where, "-r", str(wanted))
                return
            lock = prefix / ".lock.txt"
            self._offline_first("pip", "compile", "-q", *where, str(wanted), "-o", str(lock))
            self._offline_first("pip", "sync", *where, str(lock))
            lock.unlink()
        finally:
            wanted.unlink(missing_ok=True)

    def _offline_first(self, *arguments: str) -> None:
        if self.uv(*arguments, "--offline", check=False, quiet=True):
            self.uv(*arguments)

    def uv(self, *arguments: str, check: bool = True, quiet: bool = False) -> int:
        """Run uv beside the cache. Raises Refused when it fails and `check` is set."""
        kept = [os.dup(1), os.dup(2)]
        if quiet:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            os.close(sink)
        try:
            code = self._run_uv(arguments)
        finally:
            for target, source in enumerate(kept, start=1):
                os.dup2(source, target)
                os.close(source)
        if code and check:
            raise Refused("CondaEnvException: Pip failed")  # noqa: EM101
        return code

    def _run_uv(self, arguments: Sequence[str]) -> int:
        if Path(OWN_UV).exists():
            return subprocess.call([OWN_UV, *arguments], env=os.environ | OWN_ENVIRONMENT)
        caller, environment = self._uv or self._open_uv()
        user = "root" if os.geteuid() == 0 and not root() else USER
        variables = environment | {"HOME": str(self.base.parent)}
        return run_as(user, [environment["UV"], *arguments], variables, os.getcwd(), caller)  # noqa: PTH109

    def _open_uv(self) -> tuple[wire.Caller, dict[str, str]]:
        reply, (descriptor,) = connect().call("packages")
        self._uv = (wire.Caller(socket.socket(fileno=descriptor)), reply["env"])
        return self._uv


def run(_: str, arguments: list[str]) -> int:
    if arguments[:1] in (["--version"], ["-V"]):
        say(VERSION)
        return 0
    if arguments[:1] == ["run"]:
        return _run(arguments[1:])
    options = _parser().parse_args(arguments)
    environments = Environments()
    actions: dict[str, Callable[[Environments, argparse.Namespace], int]] = {
        "env update": _update,
        "env create": _create_from_file,
        "env list": _list,
        "env export": _export,
        "env remove": _remove,
        "create": _create,
        "install": _install,
        "list": _packages,
        "info": _list,
        "remove": _remove,
        "clean": lambda *_: 0,
    }
    return actions[f"env {options.verb}" if options.command == "env" else options.command](
        environments, options
    )


def read(file: Path) -> EnvironmentFile:
    """Read an environment.yml. Raises Refused naming what is wrong with it."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"EnvironmentFileNotFound: '{file}' file not found") from error  # noqa: EM102
    try:
        content: Any = YAML(typ="safe", pure=True).load(text) or {}
        dependencies = list(content.get("dependencies") or [])
    except (YAMLError, AttributeError, TypeError) as error:
        raise Refused(f"EnvironmentFileNotValid: {file}: {error}") from error  # noqa: EM102
    plain = [entry for entry in dependencies if isinstance(entry, str)]
    pip = [line for entry in dependencies if isinstance(entry, dict) for line in entry.get("pip") or []]
    has_pip = ["pip"] if any(entry.split("=")[0].strip() == "pip" for entry in plain) else []
    others = [entry for entry in plain if entry.split("=")[0].strip("<>! ") not in ("python", "pip")]
    return EnvironmentFile(content.get("name"), [*has_pip, *map(str, pip)], others)


def _update(environments: Environments, options: argparse.Namespace) -> int:
    wanted = read(Path(options.file))
    prefix = environments.prefix(options, wanted.name)
    _tell_left_out(wanted)
    if (prefix / "bin/python").exists():
        environments.install(prefix, wanted.requirements, prune=options.prune)
    else:
        environments.create(prefix, wanted.requirements)
    graphics.install_torch(prefix)
    _say_done(prefix)
    return 0


def _create_from_file(environments: Environments, options: argparse.Namespace) -> int:
    wanted = read(Path(options.file))
    prefix = environments.prefix(options, wanted.name)
    _make_room(prefix, options)
    _tell_left_out(wanted)
    environments.create(prefix, wanted.requirements)
    _say_done(prefix)
    return 0


def _create(environments: Environments, options: argparse.Namespace) -> int:
    prefix = environments.prefix(options)
    _make_room(prefix, options)
    if options.clone:
        shutil.copytree(environments.base / "envs" / options.clone, prefix, symlinks=True)
    else:
        environments.create(prefix, [name for name in options.packages if not name.startswith("python")])
    _say_done(prefix)
    return 0


def _install(environments: Environments, options: argparse.Namespace) -> int:
    environments.install(environments.existing(options), options.packages, prune=False)
    return 0


def _list(environments: Environments, options: argparse.Namespace) -> int:
    found = environments.all()
    if options.json:
        say(json.dumps({"envs": [str(prefix) for prefix in found]}, indent=2))
        return 0
    say("# conda environments:\n#")
    for prefix in found:
        name = "base" if prefix == environments.base else prefix.name
        mark = "*" if os.environ.get("CONDA_PREFIX") == str(prefix) else " "
        say(f"{name:<22} {mark}  {prefix}")
    say()
    return 0


def _packages(environments: Environments, options: argparse.Namespace) -> int:
    prefix = environments.existing(options)
    command = [
        "pip",
        "list",
        "--python",
        str(prefix / "bin/python"),
        "--format",
        "json" if options.json else "columns",
    ]
    return environments.uv(*command, check=False)


def _export(environments: Environments, options: argparse.Namespace) -> int:
    prefix = environments.existing(options)
    say(f"name: {prefix.name}\ndependencies:\n  - pip\n  - pip:")
    sys.stdout.flush()
    reader, writer = os.pipe()
    present = os.dup(1)
    os.dup2(writer, 1)
    os.close(writer)
    code = environments.uv("pip", "freeze", "--python", str(prefix / "bin/python"), check=False)
    os.dup2(present, 1)
    with os.fdopen(reader, encoding="utf-8") as lines:
        for line in lines:
            say(f"      - {line.strip()}")
    return code


def _remove(environments: Environments, options: argparse.Namespace) -> int:
    shutil.rmtree(environments.existing(options))
    return 0


def _run(arguments: list[str]) -> int:
    environments = Environments()
    parser = _places(argparse.ArgumentParser(prog="conda run", allow_abbrev=False))
    for ignored in ("--no-capture-output", "--live-stream", "-v"):
        parser.add_argument(ignored, action="store_true")
    parser.add_argument("--cwd")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    prefix = environments.existing(options)
    if not options.words:
        raise Refused("conda run: error: the following arguments are required: executable_call", 2)  # noqa: EM101
    if options.cwd:
        os.chdir(options.cwd)
    path = f"{prefix}/bin:{environments.base}/bin:{os.environ.get('PATH', os.defpath)}"
    variables = os.environ | {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": prefix.name, "PATH": path}
    os.environ["PATH"] = path
    exec_command(options.words, variables)
    return 1


def _make_room(prefix: Path, options: argparse.Namespace) -> None:
    if not prefix.exists():
        return
    if not (options.force or options.yes):
        raise Refused(f"CondaValueError: prefix already exists: {prefix}")  # noqa: EM102
    shutil.rmtree(prefix)


def _tell_left_out(wanted: EnvironmentFile) -> None:
    if wanted.others:
        sys.stderr.write(f"conda stand-in: left out, not pip requirements: {', '.join(wanted.others)}\n")


def _say_done(prefix: Path) -> None:
    say(f"#\n# To activate this environment, use\n#\n#     $ conda activate {prefix.name}\n#")


def _python() -> str:
    return os.path.realpath(sys.executable)


def _places(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("-n", "--name")
    parser.add_argument("-p", "--prefix")
    return parser


def _common(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    _places(parser)
    parser.add_argument("--json", action="store_true")
    for ignored in ("-q", "--quiet", "-v"):
        parser.add_argument(ignored, action="store_true")
    parser.add_argument("-y", "--yes", action="store_true")
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="conda", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    verbs = commands.add_parser("env").add_subparsers(dest="verb", required=True)
    for verb in ("update", "create", "list", "export", "remove"):
        one = _common(verbs.add_parser(verb))
        if verb in ("update", "create"):
            one.add_argument("-f", "--file", default="environment.yml")
            one.add_argument("--prune", action="store_true")
            one.add_argument("--force", action="store_true")
    for name in ("create", "install", "list", "info", "remove", "clean"):
        one = _common(commands.add_parser(name))
        for flag in ("--force", "--all", "--envs", "-e"):
            one.add_argument(flag, action="store_true")
        one.add_argument("--clone")
        one.add_argument("packages", nargs="*")
    return parser
