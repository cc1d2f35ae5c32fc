"""What happens on a machine: each case is a list of requests, made from the machine's own facts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh

from sandbox.engine.values import ARCHIVE, ASSET, SIGNATURE
from tests.engine.command.machines import CUT, Machine
from tests.engine.command.requests_without_machine import COMMAND, COPY, secret

Case = list[tuple[str, dict[str, Any]]]


def _create(machine: Machine, text: str, connection: dict[str, Any] | None = None, **inputs: Any) -> Case:
    properties = {"connection": secret(machine.connection(**(connection or {}))), "create": text, **inputs}
    return [("Create", {"urn": COMMAND, "properties": properties})]


def _update(machine: Machine, stdout: str, stderr: str, **inputs: Any) -> Case:
    news = {"connection": secret(machine.connection()), "create": "echo created", **inputs}
    olds = {**news, "stdout": stdout, "stderr": stderr}
    return [("Update", {"id": "c1", "urn": COMMAND, "olds": olds, "news": news, "old_inputs": news})]


def _delete(machine: Machine, text: str) -> Case:
    state = {"connection": secret(machine.connection()), "delete": text, "stdout": "before", "stderr": ""}
    return [("Delete", {"id": "c1", "urn": COMMAND, "properties": state})]


def _copy(machine: Machine, source: dict[str, Any], path: str, **connection: Any) -> Case:
    properties = {
        "connection": secret(machine.connection(**connection)),
        "source": {"hash": "f" * 64, "uri": "", **source},
        "remotePath": str(machine.home / "target" / path),
    }
    return [("Create", {"urn": COPY, "properties": properties})]


def _file(machine: Machine, name: str) -> dict[str, Any]:
    return {SIGNATURE: ASSET, "path": str(machine.home / "source" / name), "text": ""}


def _folder(machine: Machine, name: str) -> dict[str, Any]:
    return {SIGNATURE: ARCHIVE, "path": f"{machine.home}/source/{name}", "assets": {}}


def _text(text: str) -> dict[str, Any]:
    return {SIGNATURE: ASSET, "path": "", "text": text}


def prepare(home: Path) -> None:
    """Lay out what the copy cases start from."""
    for name, text in {
        "source/f.txt": "one",
        "source/d/a": "a",
        "source/d/sub/b": "b",
        "target/file": "old",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (home / "source/d/link").symlink_to("a")
    (home / "target/dir").mkdir()


def target(home: Path) -> dict[str, str]:
    """Every file under the target folder, with its text."""
    base = home / "target"
    return {
        path.relative_to(base).as_posix(): path.read_text()
        for path in sorted(base.rglob("*"))
        if path.is_file()
    }


_OTHER_KEY = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
_RSA_KEY = asyncssh.generate_private_key("ssh-rsa", key_size=1024).export_public_key().decode().strip()

RUNS: dict[str, Callable[[Machine], Case]] = {
    "both streams": lambda m: _create(m, "echo out; sleep 0.2; echo err >&2"),
    "newlines": lambda m: _create(m, r"printf 'a\r\n\nb\n\n'; sleep 0.2; printf 'no end' >&2"),
    "exit status": lambda m: _create(m, "echo out; sleep 0.2; echo err >&2; exit 3"),
    "killed": lambda m: _create(m, "echo a; kill -KILL $$"),
    "cut off": lambda m: _create(m, CUT),
    "quoted text": lambda m: _create(m, "false \"é ü\" \\ '\t'\n# \x1b\x7f end\nfalse"),
    "control characters": lambda m: _create(m, r"printf 'a\0b\033[1mc'"),
    "no such program": lambda m: _create(m, "exec 2>/dev/null; /no/such/program"),
    "stdin": lambda m: _create(m, "cat; echo; echo done", stdin=secret("one\ntwo")),
    "no stdin": lambda m: _create(m, "cat; echo done"),
    "accepted variable": lambda m: _create(m, "echo $LC_ROOM", environment={"LC_ROOM": secret("7")}),
    "refused variable": lambda m: _create(m, "echo never", environment={"FOO": "1"}),
    "log of stdout": lambda m: _create(m, "echo out; sleep 0.2; echo err >&2", logging="stdout"),
    "log of stderr": lambda m: _create(m, "echo out; sleep 0.2; echo err >&2", logging="stderr"),
    "no log": lambda m: _create(m, "echo out; sleep 0.2; echo err >&2; exit 1", logging="none"),
    "secret command": lambda m: _create(m, secret("echo hidden")),
    "update runs update": lambda m: _update(m, "", "", update="echo updated"),
    "update runs create": lambda m: _update(m, "", ""),
    "update warns of what sshd refuses": lambda m: _update(m, "before", "warned"),
    "update without the old output": lambda m: _update(m, "before", "", addPreviousOutputInEnv=False),
    "failed update": lambda m: _update(m, "", "", update="exit 4"),
    "delete": lambda m: _delete(m, "echo gone"),
    "failed delete": lambda m: _delete(m, "echo still here; exit 5"),
    "stranger": lambda m: _create(m, "true", {"privateKey": m.stranger, "dialErrorLimit": 1}),
    "refused port": lambda m: _create(m, "true", {"port": m.closed_port}),
    "pinned host key": lambda m: _create(m, "echo ok", {"hostKey": m.host_key}),
    "host key with a comment": lambda m: _create(m, "echo ok", {"hostKey": f"{m.host_key} comment"}),
    "known_hosts line": lambda m: _create(m, "echo ok", {"hostKey": f"host {m.host_key}"}),
    "other host key": lambda m: _create(m, "true", {"hostKey": _OTHER_KEY, "dialErrorLimit": 1}),
    "RSA host key": lambda m: _create(m, "true", {"hostKey": _RSA_KEY, "dialErrorLimit": 0}),
    "unreadable host key": lambda m: _create(m, "true", {"hostKey": "rubbish"}),
    "unreadable private key": lambda m: _create(m, "true", {"privateKey": "rubbish"}),
    "encrypted key": lambda m: _create(
        m, "echo ok", {"privateKey": m.encrypted_key, "privateKeyPassword": "open sesame"}
    ),
    "wrong passphrase": lambda m: _create(
        m, "true", {"privateKey": m.encrypted_key, "privateKeyPassword": "x"}
    ),
    "no passphrase": lambda m: _create(m, "true", {"privateKey": m.encrypted_key}),
    "dead agent": lambda m: _create(m, "true", {"agentSocketPath": f"{m.home}/no-agent"}),
    "through a proxy": lambda m: _create(m, "echo ok", {"proxy": m.connection()}),
    "proxy refuses": lambda m: _create(m, "true", {"proxy": m.connection(port=m.closed_port)}),
    "refused behind a proxy": lambda m: _create(m, "true", {"port": m.closed_port, "proxy": m.connection()}),
    "copy: file": lambda m: _copy(m, _file(m, "f.txt"), "new/path/f"),
    "copy: file over a file": lambda m: _copy(m, _file(m, "f.txt"), "file"),
    "copy: file into a folder": lambda m: _copy(m, _file(m, "f.txt"), "dir"),
    "copy: text": lambda m: _copy(m, _text("hello"), "new/hello"),
    "copy: text onto a folder": lambda m: _copy(m, _text("hello"), "dir"),
    "copy: folder": lambda m: _copy(m, _folder(m, "d"), "dir"),
    "copy: what is in a folder": lambda m: _copy(m, _folder(m, "d/"), "dir"),
    "copy: folder to a new path": lambda m: _copy(m, _folder(m, "d"), "new/dir"),
    "copy: folder onto a file": lambda m: _copy(m, _folder(m, "d/"), "file"),
    "copy: no such file": lambda m: _copy(m, _file(m, "none"), "x"),
    "copy: nobody there": lambda m: _copy(m, _file(m, "f.txt"), "x", port=m.closed_port, dialErrorLimit=0),
}
