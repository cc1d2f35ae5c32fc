"""The admin routes, as a test in another process uses them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.paperspace.conftest import Api


def admin(api: Api, method: str, path: str, **options: Any) -> Any:
    response = api.session.request(method, api.sandbox.admin_url + path, timeout=10, **options)
    return response.status_code, response.json()


def test_state_tells_what_the_api_forgets_but_no_secret(api: Api) -> None:
    api.post("/startup-scripts", name="a", script="echo secret-text")
    machine = api.running()
    _, state = admin(api, "GET", "/state")
    assert state["machines"] == [machine | {"templateId": "tzd1e8km", "diskSize": 50, "accessorIds": [],
        "guestAddress": machine["publicIp"], "isBeingDeleted": False}]  # fmt: skip
    [mail] = api.sandbox.mail()
    for secret in ("secret-text", mail["password"], api.sandbox.api_key):
        assert secret not in str(state)


def test_mail_needs_the_accounts_key(api: Api) -> None:
    machine_id = api.running()["id"]
    assert admin(api, "GET", "/mail")[0] == 401
    key = {"authorization": f"Bearer {api.sandbox.api_key}"}
    assert admin(api, "GET", "/mail", headers=key)[1][0]["machineId"] == machine_id


def test_the_clock_is_moved_and_answers_when_all_is_done(api: Api) -> None:
    machine_id = api.create()["data"]["id"]
    assert admin(api, "POST", "/clock", json={"advance": 2}) == (200, {"settled": True})
    assert api.get(f"/machines/{machine_id}")["state"] == "ready"


def test_settings_are_changed_in_part_and_stay(api: Api) -> None:
    status, settings = admin(api, "PUT", "/settings", json={"max_machines": 3})
    assert (status, settings["max_machines"], settings["clock"]) == (200, 3, "manual")
    assert admin(api, "GET", "/settings")[1] == settings


@pytest.mark.parametrize(
    ("change", "names"),
    [({"colour": 1}, "colour"), ({"max_machines": -1}, "max_machines"), ({"clock": "reads"}, "clock")],
)
def test_a_wrong_setting_is_named_and_changes_nothing(api: Api, change: dict, names: str) -> None:
    before = api.sandbox.control.settings
    status, body = admin(api, "PUT", "/settings", json=change)
    assert (status, names in str(body)) == (400, True)
    assert api.sandbox.control.settings == before


def test_capacity_and_faults_and_power_off_over_http(api: Api) -> None:
    machine_id = api.running()["id"]
    body = {"machine_type": "GPU+", "region": "ny2", "silent_failure": True}
    assert admin(api, "POST", "/capacity", json=body)[1][0]["silentFailures"] is None
    fault = {"operation": "GET /machines", "kind": "status", "status": 500}
    assert admin(api, "POST", "/faults", json=fault)[1][0]["left"] == 1
    assert admin(api, "DELETE", "/faults") == (200, [])
    assert admin(api, "POST", f"/machines/{machine_id}/power-off")[0] == 200
    assert api.get(f"/machines/{machine_id}")["state"] == "off"


def test_requests_are_counted_by_operation(api: Api) -> None:
    api.get("/machines")
    api.call("GET", "/machines/ps0")
    api.call("GET", "/nowhere")
    assert api.sandbox.state()["requests"] == {"GET /machines": 1, "GET /machines/{id}": 1, "unknown": 1}
