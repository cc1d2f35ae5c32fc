"""A sandbox whose time stands still until the test moves it, and a client that speaks plain HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.paperspace.guests import Guests
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings

FAST_AI = "tzd1e8km"
NEW_MACHINE: dict[str, Any] = {
    "name": "anna",
    "machineType": "GPU+",
    "templateId": FAST_AI,
    "diskSize": 50,
    "region": "ny2",
    "publicIpType": "static",
    "startOnCreate": True,
}


@dataclass
class Api:
    """Calls as any client makes them; `call` gives the response, the rest the body of a success."""

    sandbox: Sandbox
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"authorization": f"Bearer {self.sandbox.api_key}", **options.pop("headers", {})}
        return self.session.request(method, self.sandbox.url + path, headers=headers, timeout=10, **options)

    def ok(self, method: str, path: str, **options: Any) -> Any:
        response = self.call(method, path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def get(self, path: str, **parameters: Any) -> Any:
        return self.ok("GET", path, params=parameters)

    def post(self, path: str, **body: Any) -> Any:
        return self.ok("POST", path, json=body)

    def put(self, path: str, **body: Any) -> Any:
        return self.ok("PUT", path, json=body)

    def patch(self, path: str) -> Any:
        return self.ok("PATCH", path)

    def delete(self, path: str) -> Any:
        return self.ok("DELETE", path)

    def refused(self, method: str, path: str, **options: Any) -> tuple[int, str, str]:
        """Status, code and message of an error."""
        response = self.call(method, path, **options)
        body = response.json()
        return response.status_code, body["code"], body["message"]

    def create(self, **changes: Any) -> dict[str, Any]:
        """The answer to a create; the machine is still provisioning."""
        return self.post("/machines", **{**NEW_MACHINE, **changes})

    def running(self, **changes: Any) -> dict[str, Any]:
        """A machine that is ready."""
        machine_id = self.create(**changes)["data"]["id"]
        return self.later(machine_id, "ready")

    def stopped(self, **changes: Any) -> dict[str, Any]:
        """A machine that is off."""
        machine_id = self.create(**{"startOnCreate": False, **changes})["data"]["id"]
        return self.later(machine_id, "off")

    def later(self, machine_id: str, state: str) -> dict[str, Any]:
        """The machine once everything that was going on is done; it must then be in `state`."""
        assert self.sandbox.advance(60)
        machine: dict[str, Any] = self.get(f"/machines/{machine_id}")
        assert machine["state"] == state
        return machine


Serve = Callable[..., Api]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts sandboxes with the given settings; time stands still unless `clock` is given."""
    with ExitStack() as stack:

        def start(guests: Guests | None = None, **settings: Any) -> Api:
            wanted = SandboxSettings(**{"clock": "manual", **settings})
            folder = tmp_path / f"sandbox{len(list(tmp_path.iterdir()))}"
            api = Api(stack.enter_context(Sandbox(folder, wanted, guests)))
            stack.callback(api.session.close)
            return api

        yield start


@pytest.fixture
def api(serve: Serve) -> Api:
    return serve()
