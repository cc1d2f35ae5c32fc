"""Requests that need no machine: Check, Diff, previews, and runs that open no connection."""

from __future__ import annotations

from typing import Any

from sandbox.engine.values import ARCHIVE, ASSET, SECRET, SIGNATURE, UNKNOWN

COMMAND = "urn:pulumi:dev::p::command:remote:Command::c"
COPY = "urn:pulumi:dev::p::command:remote:CopyToRemote::c"
PROVIDER = "urn:pulumi:dev::p::pulumi:providers:command::default_1_2_1"


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


HOST = {"host": "h", "port": 22, "user": "root", "dialErrorLimit": 10, "perDialTimeout": 15}
CONNECTION = secret(HOST)
BASE = {"connection": CONNECTION, "create": "a"}
STATE = {**BASE, "stdout": "s", "stderr": "e"}
HIDDEN = secret(UNKNOWN)
FILE = {SIGNATURE: ASSET, "hash": "abc", "path": "/etc/hostname"}
WHOLE_FILE = {**FILE, "text": "", "uri": ""}
TEXT = {SIGNATURE: ASSET, "hash": "abc", "text": "hi"}
FOLDER = {SIGNATURE: ARCHIVE, "hash": "abc", "path": "/etc"}
WHOLE_FOLDER = {**FOLDER, "uri": "", "assets": {}}
COPY_BASE = {"connection": CONNECTION, "source": WHOLE_FILE, "remotePath": "/x"}

CHECKS: dict[str, dict[str, Any]] = {
    "host only": {"connection": {"host": "127.0.0.1"}, "create": "echo"},
    "secret connection": {"connection": secret({"host": "h"}), "create": "echo"},
    "every part": {
        "connection": {"host": "h", "port": 2, "user": "u", "password": secret("p"), "proxy": {"host": "b"}},
        "create": secret("x"),
        "triggers": ["a", 1, {"k": secret("x")}],
        "environment": {"A": "b", "S": secret("x")},
        "stdin": "in",
        "logging": "none",
        "addPreviousOutputInEnv": False,
    },
    "plain credentials": {
        "connection": {"host": "h", "privateKey": "K", "privateKeyPassword": "p", "password": "q"}
    },
    "unknown connection": {"connection": UNKNOWN, "create": UNKNOWN},
    "unknown host": {"connection": {"host": UNKNOWN}, "create": "x"},
    "unknown secret": {"connection": HIDDEN, "create": HIDDEN},
    "unknown secret host": {"connection": {"host": HIDDEN}, "create": "x"},
    "unknown proxy and more": {
        "connection": {"host": "h", "proxy": UNKNOWN},
        "environment": {"A": UNKNOWN},
        "logging": UNKNOWN,
        "triggers": [UNKNOWN],
    },
    "no connection": {"create": "x"},
    "no host": {"connection": {}, "create": 3},
    "null host": {"connection": {"host": None, "privateKey": "KEY"}},
    "text port": {"connection": {"host": "h", "port": "22"}},
    "fraction": {"connection": {"host": "h", "dialErrorLimit": 1.5}},
    "wrong types": {
        "connection": {"host": 3},
        "environment": {"A": 1},
        "logging": "bad",
        "stdin": True,
        "triggers": 3,
        "addPreviousOutputInEnv": "x",
        "create": [],
        "update": {},
        "bogus": 1,
    },
    "list for map": {"connection": {"host": "h"}, "environment": [1], "logging": 3},
    "text connection": {"connection": "h"},
    "wrong parts of a proxy": {
        "connection": {"host": "h", "port": secret("x"), "proxy": {"port": "x"}, "zzz": 1}
    },
    "wrong limits": {"connection": {"host": "h", "dialErrorLimit": "x", "perDialTimeout": True}},
    "nulls": {"connection": {"host": "h", "user": None}, "stdin": None, "triggers": [None, {"a": None}]},
    "empties": {"connection": {"host": "h", "user": "", "port": 0}, "environment": {}, "triggers": []},
    "engine's own names": {"connection": {"host": "h"}, "version": "1", "__defaults": []},
}
SOURCES: dict[str, Any] = {
    "file": FILE,
    "folder": FOLDER,
    "text": TEXT,
    "remote file": {SIGNATURE: ASSET, "hash": "abc", "uri": "http://x"},
    "secret file": secret(FILE),
    "unknown": UNKNOWN,
    "no asset": "str",
    "null": None,
}
DIFFS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {}),
    "create": ({}, {"create": "b"}),
    "update added": ({}, {"update": "b"}),
    "update removed": ({"update": "b"}, {}),
    "trigger changed": ({"triggers": [1, 2]}, {"triggers": [1, 3]}),
    "trigger removed": ({"triggers": [1, 2]}, {"triggers": [1]}),
    "trigger added": ({"triggers": [1]}, {"triggers": [1, {"a": 2}]}),
    "inside a trigger": ({"triggers": [{"a": 1}]}, {"triggers": [{"a": 2}]}),
    "triggers added": ({}, {"triggers": [1]}),
    "triggers removed": ({"triggers": [1]}, {}),
    "triggers emptied": ({"triggers": [1]}, {"triggers": []}),
    "triggers unknown": ({"triggers": [1]}, {"triggers": UNKNOWN}),
    "trigger unknown": ({"triggers": [1]}, {"triggers": [UNKNOWN]}),
    "trigger secretly unknown": ({"triggers": [1]}, {"triggers": [HIDDEN]}),
    "host": ({}, {"connection": secret({**HOST, "host": "z"})}),
    "host in clear": ({"connection": HOST}, {"connection": {**HOST, "host": "z"}}),
    "made secret": ({"connection": HOST}, {"connection": CONNECTION}),
    "connection unknown": ({}, {"connection": UNKNOWN}),
    "connection secretly unknown": ({}, {"connection": HIDDEN}),
    "host unknown": ({}, {"connection": secret({**HOST, "host": UNKNOWN})}),
    "create unknown": ({}, {"create": UNKNOWN}),
    "create secretly unknown": ({}, {"create": HIDDEN}),
    "environment": (
        {"environment": {"A": "1", "B.C": "2"}},
        {"environment": {"A": "2", "B.C": "3", "D": "4"}},
    ),
    "odd names": ({"environment": {"x-y": "1", "0": "1"}}, {"environment": {"x-y": "2", "0": "2"}}),
    "nulls": ({"triggers": [1, True, None]}, {"triggers": [None, 1, 2, None]}),
    "quoted name": ({"environment": {'"': "1"}}, {"environment": {'"': "2"}}),
    "secret variable": ({"environment": {"A": secret("1")}}, {"environment": {"A": secret("2")}}),
    "secretly unknown variable": ({"environment": {"A": "1"}}, {"environment": {"A": HIDDEN}}),
    "no longer secret": ({"create": secret("1")}, {"create": "1"}),
    "engine's own names": ({}, {"version": "1", "__x": 1}),
    "null to text": ({"stdin": None}, {"stdin": "a"}),
}
COPY_DIFFS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "another file": {"source": {**FILE, "path": "/etc/passwd"}},
    "other content": {"source": {**FILE, "hash": "d"}},
    "text instead": {"source": TEXT},
    "folder instead": {"source": FOLDER},
    "unknown": {"source": UNKNOWN},
    "path": {"remotePath": "/y"},
}
PREVIEWS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": (COMMAND, BASE),
    "unknown command": (COMMAND, {**BASE, "create": UNKNOWN}),
    "secret command": (COMMAND, {**BASE, "create": secret("x")}),
    "unknown connection": (COMMAND, {**BASE, "connection": UNKNOWN}),
    "secretly unknown connection": (COMMAND, {**BASE, "connection": HIDDEN}),
    "unknown host": (COMMAND, {**BASE, "connection": secret({**HOST, "host": UNKNOWN})}),
    "secretly unknown parts": (
        COMMAND,
        {**BASE, "stdin": HIDDEN, "environment": {"A": HIDDEN}, "triggers": [1, HIDDEN]},
    ),
    "file": (COPY, COPY_BASE),
    "folder": (COPY, {**COPY_BASE, "source": WHOLE_FOLDER}),
    "secret file": (COPY, {**COPY_BASE, "source": secret(WHOLE_FILE)}),
    "unknown file": (COPY, {**COPY_BASE, "source": UNKNOWN, "remotePath": UNKNOWN}),
}
UPDATES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "nothing": (COMMAND, STATE, BASE),
    "command": (COMMAND, STATE, {**BASE, "create": "b"}),
    "unknown command": (COMMAND, STATE, {**BASE, "create": UNKNOWN}),
    "stdin added": (COMMAND, STATE, {**BASE, "stdin": secret("x")}),
    "command removed": (COMMAND, STATE, {"connection": CONNECTION}),
    "secretly unknown connection": (COMMAND, STATE, {**BASE, "connection": HIDDEN}),
    "secret output": (COMMAND, {**STATE, "stdout": secret("s")}, BASE),
    "triggers": (COMMAND, {**STATE, "triggers": [1]}, {**BASE, "triggers": [2]}),
    "same file": (COPY, COPY_BASE, COPY_BASE),
    "other content": (COPY, COPY_BASE, {**COPY_BASE, "source": {**WHOLE_FILE, "hash": "d"}}),
}
DONE_WITHOUT_CONNECTION: dict[str, tuple[str, dict[str, Any]]] = {
    "create without a command": (
        "Create",
        {"urn": COMMAND, "properties": {"connection": CONNECTION, "stdin": secret("x")}},
    ),
    "update without a command": (
        "Update",
        {"urn": COMMAND, "olds": STATE, "news": {"connection": CONNECTION}},
    ),
    "update of a secret output": (
        "Update",
        {"urn": COMMAND, "olds": {**STATE, "stdout": secret("s")}, "news": {"connection": CONNECTION}},
    ),
    "copy to a new host": (
        "Update",
        {"urn": COPY, "olds": COPY_BASE, "news": {**COPY_BASE, "connection": secret({**HOST, "host": "z"})}},
    ),
    "delete without a command": ("Delete", {"urn": COMMAND, "properties": STATE}),
    "delete of a copy": ("Delete", {"urn": COPY, "properties": COPY_BASE}),
    "read": ("Read", {"id": "c1", "urn": COMMAND, "properties": STATE, "inputs": BASE}),
    "check of the provider": ("CheckConfig", {"urn": PROVIDER, "news": {"version": "1.2.1"}}),
    "diff of the provider": ("DiffConfig", {"urn": PROVIDER, "news": {}, "olds": {}}),
    "configure": ("Configure", {}),
    "unknown type": ("Check", {"urn": "urn:pulumi:dev::p::command:remote:Nope::c", "news": {}}),
    "unknown function": ("Invoke", {"tok": "command:local:foo"}),
    "parameterize": ("Parameterize", {}),
}


def table() -> dict[str, tuple[str, dict[str, Any]]]:
    """Every request by a name that says what it is."""
    requests = {f"done: {name}": case for name, case in DONE_WITHOUT_CONNECTION.items()}
    for name, news in CHECKS.items():
        requests[f"check: {name}"] = ("Check", {"urn": COMMAND, "news": news})
    for name, source in SOURCES.items():
        news = {"connection": HOST, "source": source, "remotePath": "/x"}
        requests[f"check copy: {name}"] = ("Check", {"urn": COPY, "news": news})
    requests["check copy: no path"] = ("Check", {"urn": COPY, "news": {"connection": HOST, "source": FILE}})
    for name, (old, new) in DIFFS.items():
        requests[f"diff: {name}"] = ("Diff", _diff(COMMAND, {**BASE, **old}, {**BASE, **new}))
    for name, new in COPY_DIFFS.items():
        requests[f"diff copy: {name}"] = ("Diff", _diff(COPY, COPY_BASE, {**COPY_BASE, **new}))
    for name, ignored in {
        "create": {"create": "b"},
        "connection.host": {"connection": secret({**HOST, "host": "z"})},
    }.items():
        requests[f"diff ignoring {name}"] = (
            "Diff",
            {**_diff(COMMAND, BASE, {**BASE, **ignored}), "ignoreChanges": [name]},
        )
    for name, (urn, properties) in PREVIEWS.items():
        requests[f"preview create: {name}"] = (
            "Create",
            {"urn": urn, "properties": properties, "preview": True},
        )
    for name, (urn, olds, news) in UPDATES.items():
        requests[f"preview update: {name}"] = (
            "Update",
            {"id": "c1", "urn": urn, "olds": olds, "news": news, "preview": True},
        )
    return requests


def _diff(urn: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "c1",
        "urn": urn,
        "olds": {**olds, "stdout": "", "stderr": ""},
        "news": news,
        "old_inputs": olds,
    }
