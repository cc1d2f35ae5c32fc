"""Errors in the API's own shape, and what is refused before an operation begins (paperspace-api.md 1.1)."""

from __future__ import annotations

import pytest

from tests.sandbox.paperspace.conftest import NEW_MACHINE, Api, Serve

BAD_KEY = {"authorization": "Bearer not-the-key"}


@pytest.mark.parametrize("action", ["start", "stop", "restart"])
def test_patch_with_a_json_content_type_and_no_body_is_a_parse_error(api: Api, action: str) -> None:
    machine_id = api.stopped()["id"]
    path = f"/machines/{machine_id}/{action}"
    json_header = {"content-type": "application/json"}
    assert api.refused("PATCH", path, headers=json_header)[:2] == (400, "PARSE_ERROR")
    assert api.get(f"/machines/{machine_id}")["state"] == "off"


@pytest.mark.parametrize(
    "form", [{}, {"json": {}}, {"headers": {"content-type": "text/plain"}}], ids=["no type", "{}", "text"]
)
def test_the_forms_of_patch_that_clients_use_work(api: Api, form: dict) -> None:
    machine_id = api.stopped()["id"]
    assert api.ok("PATCH", f"/machines/{machine_id}/start", **form)["data"]["state"] == "starting"


def test_delete_with_a_json_content_type_and_no_body_works(api: Api) -> None:
    machine_id = api.stopped()["id"]
    api.ok("DELETE", f"/machines/{machine_id}", headers={"content-type": "application/json"})


def test_a_bad_key_is_401_but_null_for_the_session_and_no_matter_for_os_templates(api: Api) -> None:
    assert api.refused("GET", "/machines", headers=BAD_KEY)[:2] == (401, "UNAUTHORIZED")
    assert api.ok("GET", "/auth/session", headers=BAD_KEY) is None
    assert api.ok("GET", "/os-templates", headers=BAD_KEY)["items"]
    assert api.get("/auth/session")["user"]["email"]


def test_a_bad_key_is_told_before_a_bad_body(api: Api) -> None:
    assert api.refused("POST", "/machines", json={}, headers=BAD_KEY)[0] == 401


def test_text_that_is_not_json_is_a_parse_error(api: Api) -> None:
    options = {"data": "{", "headers": {"content-type": "application/json"}}
    assert api.refused("POST", "/machines", **options)[:2] == (400, "PARSE_ERROR")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": ""}, "name"),
        ({"diskSize": "50"}, "diskSize"),
        ({"diskSize": 0}, "diskSize"),
        ({"startOnCreate": "yes"}, "startOnCreate"),
        ({"publicIpType": "fixed"}, "publicIpType"),
        ({"autoShutdownTimeout": 200}, "autoShutdownTimeout"),
        ({"startupScriptId": None}, "startupScriptId"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_in_issues(api: Api, change: dict, key: str) -> None:
    response = api.call("POST", "/machines", json=NEW_MACHINE | change)
    body = response.json()
    assert (response.status_code, body["code"]) == (400, "BAD_REQUEST")
    assert [key in issue["message"] for issue in body["issues"]] == [True]


def test_problems_are_in_details_where_the_switch_says_so(serve: Serve) -> None:
    body = serve(validation_errors="details").call("POST", "/machines", json={}).json()
    assert len(body["details"]["issues"]) == 5
    assert set(body) == {"message", "code", "details"}


def test_unknown_keys_of_a_body_are_ignored(api: Api) -> None:
    api.create(id="ps1", colour="blue")


def test_what_the_sandbox_does_not_have_is_501_and_never_200(api: Api) -> None:
    status, code, message = api.refused("GET", "/billing/account-standing")
    assert (status, code) == (501, "NOT_IMPLEMENTED")
    assert "GET /v1/billing/account-standing" in message


def test_another_method_on_a_known_path_is_405(api: Api) -> None:
    assert api.refused("PATCH", "/machines")[:2] == (405, "METHOD_NOT_SUPPORTED")


def test_above_the_rate_limit_is_429_with_retry_after(serve: Serve) -> None:
    api = serve(requests_per_minute=2)
    api.get("/machines")
    api.get("/machines")
    response = api.call("GET", "/machines")
    assert (response.status_code, response.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    api.sandbox.advance(int(response.headers["retry-after"]))
    api.get("/machines")


def test_a_blocked_text_meets_cloudflares_page(serve: Serve) -> None:
    api = serve(blocked_text="/etc/passwd")
    response = api.call("POST", "/startup-scripts", json={"name": "a", "script": "cat /etc/passwd"})
    assert (response.status_code, "text/html" in response.headers["content-type"]) == (403, True)
    assert api.sandbox.state()["startup_scripts"] == []
    assert api.post("/startup-scripts", name="a", script="true")["name"] == "a"
