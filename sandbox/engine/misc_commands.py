"""pulumi version, about, login, whoami, plugin and install."""

from __future__ import annotations

import getpass
import json
import platform
import socket
import sys

from sandbox.engine import VERSION
from sandbox.engine.context import Context
from sandbox.engine.errors import CommandError

COMMAND_VERSION = "1.2.1"


def version(_context: Context) -> None:
    print(f"v{VERSION}")


def about(context: Context) -> None:
    facts = {
        "cliAbout": {"version": VERSION, "engine": "sandbox"},
        "host": {"os": platform.system().lower(), "arch": platform.machine()},
        "runtime": {"language": "python", "version": platform.python_version(), "executable": sys.executable},
        "backend": {"url": context.backend.url, "user": getpass.getuser()},
    }
    if context.arguments.json:
        print(json.dumps(facts, indent=2))
    else:
        print(f"CLI\nVersion      {VERSION} (sandbox engine)\n\nBackend\nURL          {context.backend.url}")


def login(context: Context) -> None:
    given = context.arguments.url or context.arguments.cloud_url
    url = "file://~" if context.arguments.local or given == "--local" else given
    url = url or context.home.backend(context.found_project).url
    context.home.login(url)
    print(f"Logged in to {socket.gethostname()} as {getpass.getuser()} ({url})")


def whoami(context: Context) -> None:
    user, url = getpass.getuser(), context.backend.url
    if context.arguments.json:
        print(json.dumps({"user": user, "url": url}, indent=2))
    elif hasattr(context.arguments, "verbose"):
        print(f"User: {user}\nOrganizations: \nBackend URL: {url}\nToken type: personal")
    else:
        print(user)


def plugin_ls(context: Context) -> None:
    """The providers that are built in; the real CLI lists its plugin cache here."""
    if context.arguments.json:
        print("[]")
    else:
        print("NAME  KIND  VERSION  SIZE  INSTALLED  LAST USED\n\nTOTAL plugin cache size: 0 B")


def plugin_install(context: Context) -> None:
    words: list[str] = context.arguments.plugin
    kind, name, *_ = [*words, "", ""]
    if kind and (kind, name) not in (
        ("resource", "command"),
        ("resource", "pulumi-python"),
        ("language", "python"),
    ):
        have = f"this engine has command {COMMAND_VERSION} and python only"
        msg = f"cannot install plugin {kind} {name}: {have}; install the real CLI for others"
        raise CommandError(msg)


def install(context: Context) -> None:
    """Dependencies are the project's own business (make venv); providers are built in."""
    print(f"{context.project.name}: nothing to install; the command and dynamic providers are built in")
