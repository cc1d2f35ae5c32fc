"""The sandbox against the vendor's OpenAPI document: every operation exists, and answers as it is described.

The document belongs to the vendor and is not part of this project; without it these tests are skipped. It
calls 64-bit integers integers and puts a validation's problems in `details`; those two switches are set so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.conftest import PROJECT
from tests.sandbox.paperspace.conftest import NEW_MACHINE, Api

DOCUMENT = PROJECT.parent / "shared" / "paperspace-openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
if not DOCUMENT.exists():
    pytest.skip(f"the vendor's document is not at {DOCUMENT}", allow_module_level=True)
document = json.loads(DOCUMENT.read_text())
schema = schemathesis.openapi.from_dict(document)
OPERATIONS = [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    wanted = SandboxSettings(clock="manual", int64_as_strings=False, validation_errors="details")
    with Sandbox(tmp_path_factory.mktemp("contract"), wanted) as sandbox:
        api = Api(sandbox)
        yield api
        api.session.close()


@schema.parametrize()
@settings(
    max_examples=2,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_the_document_allows_to_be_sent_is_answered_as_it_says(
    case: schemathesis.Case, api: Api
) -> None:
    case.call_and_validate(
        base_url=api.sandbox.url,
        headers={"authorization": f"Bearer {api.sandbox.api_key}"},
        session=api.session,
        checks=CHECKS,
    )


class Successes:
    """One call of every operation that must succeed; `answers` holds them by operation."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.answers: dict[tuple[str, str], requests.Response] = {}
        self._networks()
        self._machines()
        self._images()
        self._ends()

    def call(self, method: str, template: str, *parts: str, **options: Any) -> Any:
        path = template
        for part in parts:
            before, _, rest = path.partition("{")
            path = before + part + rest.partition("}")[2]
        response = self._api.call(method, path, **options)
        assert response.status_code == 200, f"{method} {path}: {response.text}"
        self.answers.setdefault((method, template), response)
        return response.json()

    def _networks(self) -> None:
        self.network = self.call("POST", "/private-networks", json={"name": "n", "region": "ny2"})["id"]
        self.call("GET", "/private-networks")
        self.call("GET", "/private-networks/{id}", self.network)
        self.call("PUT", "/private-networks/{id}", self.network, json={"name": "m"})
        body = {"name": "d", "size": 250, "region": "ny2", "networkId": self.network}
        self.drive = self.call("POST", "/shared-drives", json=body)["id"]
        self.call("GET", "/shared-drives")
        self.call("GET", "/shared-drives/{id}", self.drive)
        self.call("PUT", "/shared-drives/{id}", self.drive, json={"name": "e"})
        self.ip = self.call("POST", "/public-ips", json={"region": "ny2"})["ip"]
        self.call("GET", "/public-ips")

    def _machines(self) -> None:
        self.call("GET", "/auth/session")
        self.call("GET", "/os-templates")
        self.call("GET", "/machine-availability", params={"machineType": "GPU+", "region": "ny2"})
        self.script = self.call("POST", "/startup-scripts", json={"name": "s", "script": "true"})["id"]
        full = NEW_MACHINE | {
            "networkId": self.network,
            "startupScriptId": self.script,
            "autoShutdownEnabled": True,
            "autoShutdownTimeout": 8,
            "autoShutdownForce": False,
            "autoSnapshotEnabled": True,
            "autoSnapshotFrequency": "weekly",
            "autoSnapshotSaveCount": 2,
            "takeInitialSnapshot": True,
            "restorePointEnabled": True,
            "restorePointFrequency": "shutdown",
        }
        created = self.call("POST", "/machines", json=full)
        self.machine = created["data"]["id"]
        self._api.later(self.machine, "ready")
        self.call("GET", "/machine-events")
        self.call("GET", "/machine-events/{id}", created["event"]["id"])
        self.call("GET", "/machines")
        self.call("GET", "/machines/{id}", self.machine)
        self.call("PUT", "/machines/{id}", self.machine, json={"name": "ben"})
        self.call("PUT", "/public-ips/{ip}", self.ip, json={"machineId": self.machine})
        self._scripts()
        self._accessors()
        for action, state in (("restart", "ready"), ("stop", "off"), ("start", "ready"), ("stop", "off")):
            self.call("PATCH", f"/machines/{{id}}/{action}", self.machine)
            self._api.sandbox.advance(1)
            self._api.later(self.machine, state)

    def _scripts(self) -> None:
        self.call("GET", "/startup-scripts")
        self.call("GET", "/startup-scripts/{id}", self.script)
        self.call("PUT", "/startup-scripts/{id}", self.script, json={"name": "t"})
        for action in ("assign", "unassign"):
            body = {"machineId": self.machine}
            self.call("POST", f"/startup-scripts/{{id}}/{action}", self.script, json=body)
        self.call("DELETE", "/startup-scripts/{id}", self.script)

    def _accessors(self) -> None:
        user = self._api.sandbox.state()["users"][1]["id"]
        self.call("POST", "/machines/{id}/accessors", self.machine, json={"userId": user})
        self.call("GET", "/machines/{id}/accessors", self.machine)
        self.call("GET", "/machines/{id}/accessors/{userId}", self.machine, user)
        self.call("DELETE", "/machines/{id}/accessors/{userId}", self.machine, user)

    def _images(self) -> None:
        body = {"name": "s", "machineId": self.machine}
        snapshot = self.call("POST", "/snapshots", json=body)["data"]["id"]
        self.call("GET", "/snapshots")
        self.call("GET", "/snapshots/{id}", snapshot)
        self.call("PUT", "/snapshots/{id}", snapshot, json={"name": "t"})
        self.call("POST", "/snapshots/{id}/restore", snapshot, json={})
        self.call("DELETE", "/snapshots/{id}", snapshot)
        template = self.call("POST", "/custom-templates", json=body)["data"]["id"]
        self.call("GET", "/custom-templates")
        self.call("GET", "/custom-templates/{id}", template)
        self.call("PUT", "/custom-templates/{id}", template, json={"name": "t"})
        self.call("DELETE", "/custom-templates/{id}", template)

    def _ends(self) -> None:
        self.call("DELETE", "/machines/{id}", self.machine)
        self._api.sandbox.advance(60)
        self.call("DELETE", "/public-ips/{ip}", self.ip)
        self.call("DELETE", "/shared-drives/{id}", self.drive)
        self.call("DELETE", "/private-networks/{id}", self.network)


@pytest.fixture(scope="module")
def successes(api: Api) -> Successes:
    return Successes(api)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: str(part))
def test_every_operation_succeeds_with_the_documented_answer(
    successes: Successes, method: str, path: str
) -> None:
    case = schema[path][method].Case(path_parameters=dict.fromkeys(("id", "ip", "userId"), "any"))
    case.validate_response(successes.answers[method, path], checks=CHECKS)


def test_the_sandbox_has_no_operation_that_the_document_has_not(api: Api) -> None:
    served = set(api.sandbox.control.operations)
    assert served == {f"{method} {path}" for method, path in OPERATIONS}
