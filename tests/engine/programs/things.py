"""A dynamic provider whose world is a directory: WORLD/log is what was done, other files steer it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult


def world() -> Path:
    return Path(os.environ["WORLD"])


def note(operation: str, name: str) -> None:
    with (world() / "log").open("a") as log:
        log.write(f"{operation} {name}\n")


class ThingProvider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        name = props["name"]
        note("begin", name)
        while (world() / f"hold-{name}").exists():
            time.sleep(0.01)
        if (world() / f"crash-{name}").exists():
            os._exit(9)
        if (world() / f"fail-{name}").exists():
            message = f"cannot make {name}"
            raise RuntimeError(message)
        note("create", name)
        return CreateResult(f"id-{name}", {**props, "address": f"10.0.0.{len(name)}"})

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=None, replaces=["name"] if olds.get("name") != news.get("name") else [])

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        note("update", news["name"])
        return UpdateResult({**news, "address": "10.0.0.9"})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        if (world() / f"fail-delete-{props['name']}").exists():
            message = f"cannot delete {props['name']}"
            raise RuntimeError(message)
        note("delete", props["name"])

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        while (world() / f"hold-read-{props['name']}").exists():
            time.sleep(0.01)
        if (world() / f"fail-read-{props['name']}").exists():
            message = f"cannot read {props['name']}"
            raise RuntimeError(message)
        drift = world() / f"drift-{props['name']}"
        if not drift.exists():
            return ReadResult(id_, props)
        found = json.loads(drift.read_text())
        if found is None:
            return ReadResult("", {})
        known = {**props, **found}
        inputs = {key: value for key, value in known.items() if key not in ("address", "__provider")}
        return ReadResult(id_, {**props, **found}, inputs)


class Thing(Resource, module="things", name="Thing"):
    address: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__(ThingProvider(), name, {"name": name, "address": None, **inputs}, opts)
