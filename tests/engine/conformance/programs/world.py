"""A dynamic provider over a small world that lives in world.json beside the program.

Every call is written down there, so that a test sees what really happened. Ids and outputs never vary.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult
from pulumi.output import Unknown

WORLD = Path("world.json")


@contextmanager
def world() -> Iterator[dict[str, Any]]:
    with Path("world.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = json.loads(WORLD.read_text()) if WORLD.exists() else {"things": {}, "calls": [], "made": {}}
        yield state
        WORLD.write_text(json.dumps(state))


def _outputs(thing_id: str, props: dict[str, Any]) -> dict[str, Any]:
    return {**props, "serial": f"serial of {thing_id}", "weight": float(props.get("size", 0)) * 2}


def _stop_if_asked(operation: str, props: dict[str, Any]) -> None:
    if props.get("fail") == operation:
        message = f"{operation} refused by the world"
        raise ValueError(message)


def _wait_if_asked(props: dict[str, Any]) -> None:
    """Say so in a file named waiting, for as long as it takes (a minute at most)."""
    if "wait_for" not in props:
        return
    Path("waiting").touch()
    for _ in range(600):
        if Path(props["wait_for"]).exists():
            return
        time.sleep(0.1)


class ThingProvider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        _wait_if_asked(props)
        with world() as state:
            _stop_if_asked("create", props)
            number = state["made"].get(props["name"], 0) + 1
            state["made"][props["name"]] = number
            thing_id = f"{props['name']}-{number}"
            state["things"][thing_id] = {key: value for key, value in props.items() if key != "__provider"}
            state["calls"].append(f"create {thing_id}")
        return CreateResult(thing_id, _outputs(thing_id, props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = olds.get("kind") != news.get("kind") and not isinstance(news.get("kind"), Unknown)
        return DiffResult(None, ["kind"] if changed else [], None, bool(news.get("delete_first")))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        with world() as state:
            _stop_if_asked("update", news)
            state["things"][_id] = {key: value for key, value in news.items() if key != "__provider"}
            state["calls"].append(f"update {_id}")
        return UpdateResult(_outputs(_id, news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        with world() as state:
            state["calls"].append(f"read {id_}")
            thing = state["things"].get(id_)
        if thing is None:
            return ReadResult("", {})
        provider = {"__provider": props["__provider"]} if "__provider" in props else {}
        return ReadResult(id_, {**_outputs(id_, thing), **provider})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        with world() as state:
            _stop_if_asked("delete", props)
            state["things"].pop(id_, None)
            state["calls"].append(f"delete {id_}")


class Thing(Resource):
    serial: pulumi.Output[str]
    weight: pulumi.Output[float]

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        whole = {"name": resource_name, "serial": None, "weight": None, **props}
        super().__init__(ThingProvider(), resource_name, whole, opts)
