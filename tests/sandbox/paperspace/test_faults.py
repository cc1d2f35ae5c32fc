"""Injected faults: each kind as a client sees it, and every one accounted for."""

from __future__ import annotations

import json

import pytest
import requests

from tests.sandbox.paperspace.conftest import NEW_MACHINE, Api


def used(api: Api) -> list[tuple[int, int]]:
    return [(fault["used"], fault["left"]) for fault in api.sandbox.faults()]


def test_a_status_has_the_apis_shape_and_its_retry_after(api: Api) -> None:
    api.sandbox.add_fault("GET /machines", "status", status=429, retry_after=7)
    response = api.call("GET", "/machines")
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert response.json()["code"] == "TOO_MANY_REQUESTS"
    api.get("/machines")
    assert used(api) == [(1, 0)]


def test_html_is_cloudflares_403_page(api: Api) -> None:
    api.sandbox.add_fault("*", "html")
    response = api.call("GET", "/machines")
    assert (response.status_code, "Cloudflare" in response.text) == (403, True)
    with pytest.raises(ValueError, match="Expecting value"):
        response.json()


def test_an_error_with_status_200(api: Api) -> None:
    api.sandbox.add_fault("GET /machines", "error-200", status=500)
    assert api.get("/machines")["code"] == "INTERNAL_SERVER_ERROR"


@pytest.mark.parametrize(("kind", "machines"), [("drop-before", 0), ("drop-after", 1)])
def test_a_dropped_connection_is_cut_before_or_after_the_effect(api: Api, kind: str, machines: int) -> None:
    api.sandbox.add_fault("POST /machines", kind)
    with pytest.raises(requests.ConnectionError):
        api.create()
    assert len(api.get("/machines")["items"]) == machines


def test_a_slow_answer_arrives_after_the_clients_patience(api: Api) -> None:
    api.sandbox.add_fault("GET /machines", "slow", seconds=0.4)
    with pytest.raises(requests.ReadTimeout):
        requests.get(
            f"{api.sandbox.url}/machines",
            headers={"authorization": f"Bearer {api.sandbox.api_key}"},
            timeout=0.2,
        )
    assert used(api) == [(1, 0)]


def test_truncated_json(api: Api) -> None:
    api.sandbox.add_fault("POST /machines", "truncate")
    text = api.call("POST", "/machines", json=NEW_MACHINE).text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert len(api.get("/machines")["items"]) == 1


def test_an_unknown_field_an_unknown_state_and_strings_for_integers(api: Api) -> None:
    path = f"/machines/{api.running()['id']}"
    for kind in ("unknown-field", "unknown-state", "string-for-integer"):
        api.sandbox.add_fault("GET /machines/{id}", kind)
    assert "newField" in api.get(path)
    assert api.get(path)["state"] == "hibernating"
    assert api.get(path)["cpus"] == "8"
    assert api.get(path)["state"] == "ready"


def test_a_fault_meets_only_its_operation_or_one_path(api: Api) -> None:
    one, other = api.running(name="one")["id"], api.running(name="other")["id"]
    api.sandbox.add_fault(f"GET /machines/{other}", "status", status=500)
    api.get("/machines")
    api.get(f"/machines/{one}")
    assert api.call("GET", f"/machines/{other}").status_code == 500


def test_a_fault_can_let_requests_pass_first(api: Api) -> None:
    api.sandbox.add_fault("GET /machines", "status", after=2, times=2)
    statuses = [api.call("GET", "/machines").status_code for _ in range(5)]
    assert statuses == [200, 200, 503, 503, 200]


def test_a_fault_for_an_operation_that_does_not_exist_is_refused(api: Api) -> None:
    response = api.session.post(
        f"{api.sandbox.admin_url}/faults", json={"operation": "POST /machine", "kind": "html"}, timeout=10
    )
    assert (response.status_code, "POST /machines" in response.json()["message"]) == (400, True)


def test_after_100_faults_it_still_serves_and_all_are_accounted_for(api: Api) -> None:
    kinds = ["status", "html", "error-200", "drop-before", "drop-after", "truncate", "unknown-field",
             "unknown-state", "string-for-integer", "slow"]  # fmt: skip
    for kind in kinds:
        api.sandbox.add_fault("POST /public-ips", kind, times=10, seconds=0)
    dropped = 0
    for _ in range(100):
        try:
            api.call("POST", "/public-ips", json={"region": "ny2"})
        except requests.ConnectionError:
            dropped += 1
    assert dropped == 20
    assert used(api) == [(10, 0)] * 10
    assert len(api.sandbox.state()["public_ips"]) == 60
    assert api.post("/public-ips", region="ny2")["ip"]
    assert api.sandbox.state()["requests"] == {"POST /public-ips": 101}
