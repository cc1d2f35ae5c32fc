"""What the client sends, what it repeats, and which error each answer becomes."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from provider.client import PaperspaceClient, segment
from provider.errors import (
    ApiError,
    BadRequest,
    Conflict,
    EffectUnknown,
    Forbidden,
    InvalidEndpoint,
    NotDelivered,
    NotFound,
    PaperspaceError,
    RateLimited,
    ReplyLost,
    ServerError,
    Unauthorized,
    UnexpectedAnswer,
)
from tests.provider.conftest import API_KEY
from tests.provider.scripted_api import CUT_OFF, DROP, HTML_BLOCK, Answer, ScriptedApi, error

OK = Answer({"id": "x"})
RATE_LIMIT = error(429, "TOO_MANY_REQUESTS")

SEND: dict[str, Callable[[PaperspaceClient], object]] = {
    "GET": lambda client: client.get("/machines/a"),
    "PUT": lambda client: client.put("/machines/a", {"name": "b"}),
    "DELETE": lambda client: client.delete("/machines/a"),
    "POST": lambda client: client.post("/machines", {"name": "b"}),
    "PATCH": lambda client: client.patch("/machines/a/start"),
}
IDEMPOTENT = ("GET", "PUT", "DELETE")
PASSING = (
    error(502, "BAD_GATEWAY"),
    error(503, "UNAVAILABLE"),
    error(504, "TIMEOUT"),
    HTML_BLOCK,
    CUT_OFF,
    DROP,
)


@pytest.mark.parametrize("method", SEND)
def test_every_method_is_repeated_after_429(method: str, api: ScriptedApi, client: PaperspaceClient) -> None:
    api.script(RATE_LIMIT, RATE_LIMIT, OK)
    assert SEND[method](client) == {"id": "x"}
    assert [request.method for request in api.requests] == [method] * 3


@pytest.mark.parametrize("method", IDEMPOTENT)
@pytest.mark.parametrize("failure", PASSING)
def test_idempotent_methods_are_repeated_after_passing_failures(
    method: str, failure: Answer, api: ScriptedApi, client: PaperspaceClient
) -> None:
    api.script(failure, OK)
    assert SEND[method](client) == {"id": "x"}


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("failure", [*PASSING, error(500, "INTERNAL_SERVER_ERROR")])
def test_post_and_patch_are_sent_once_when_their_effect_is_unknown(
    method: str, failure: Answer, api: ScriptedApi, client: PaperspaceClient
) -> None:
    api.script(failure, OK)
    with pytest.raises((EffectUnknown, ServerError)):
        SEND[method](client)
    assert len(api.requests) == 1


@pytest.mark.parametrize("method", SEND)
def test_a_plain_500_is_not_repeated(method: str, api: ScriptedApi, client: PaperspaceClient) -> None:
    api.script(error(500, "INTERNAL_SERVER_ERROR"), OK)
    with pytest.raises(ServerError):
        SEND[method](client)
    assert len(api.requests) == 1


@pytest.mark.parametrize("method", SEND)
def test_a_connection_that_is_never_made_is_tried_again_then_reported(method: str) -> None:
    with ScriptedApi([OK]) as gone:
        url = gone.url
    with (
        PaperspaceClient(API_KEY, url) as client,
        pytest.raises(NotDelivered, match=r"no connection to 127\.0"),
    ):
        SEND[method](client)


def test_a_slow_answer_counts_as_lost(api: ScriptedApi) -> None:
    api.script(Answer({"id": "x"}, after=threading.Event()))
    with PaperspaceClient(API_KEY, api.url, timeout=(1, 0.2)) as client, pytest.raises(ReplyLost):
        client.post("/machines", {})


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "BAD_REQUEST", BadRequest),
        (401, "UNAUTHORIZED", Unauthorized),
        (403, "FORBIDDEN", Forbidden),
        (404, "NOT_FOUND", NotFound),
        (405, "METHOD_NOT_SUPPORTED", BadRequest),
        (409, "CONFLICT", Conflict),
        (412, "PRECONDITION_FAILED", Conflict),
        (413, "PAYLOAD_TOO_LARGE", BadRequest),
        (429, "TOO_MANY_REQUESTS", RateLimited),
        (500, "INTERNAL_SERVER_ERROR", ServerError),
    ],
)
@pytest.mark.parametrize("in_a_200", [False, True])
def test_each_code_becomes_its_error_whatever_the_status(
    status: int,
    code: str,
    kind: type[ApiError],
    in_a_200: bool,
    api: ScriptedApi,
    client: PaperspaceClient,
) -> None:
    api.script(error(200 if in_a_200 else status, code, "why not"))
    with pytest.raises(kind, match="why not") as caught:
        client.get("/machines/a")
    assert (caught.value.status, caught.value.code) == (status, code)
    assert (caught.value.method, caught.value.path) == ("GET", "/machines/a")


def test_issues_of_a_refused_body_are_all_in_the_text(api: ScriptedApi, client: PaperspaceClient) -> None:
    body = {
        "code": "BAD_REQUEST",
        "message": "invalid",
        "issues": [{"message": "region"}, {"message": "size"}],
    }
    api.script(Answer(body, 400))
    with pytest.raises(BadRequest, match="invalid; region; size"):
        client.post("/machines", {})


def test_an_html_page_is_named_as_such(api: ScriptedApi, client: PaperspaceClient) -> None:
    api.script(HTML_BLOCK)
    with pytest.raises(UnexpectedAnswer, match="HTML page") as caught:
        client.get("/machines/a")
    assert (caught.value.status, caught.value.is_html) == (403, True)


def test_a_redirect_is_no_answer(api: ScriptedApi, client: PaperspaceClient) -> None:
    api.script(Answer({}, 302, {"Location": "http://127.0.0.1:9/"}))
    with pytest.raises(PaperspaceError):
        client.get("/machines/a")


def test_patch_has_neither_body_nor_content_type(api: ScriptedApi, client: PaperspaceClient) -> None:
    api.script(OK)
    client.patch("/machines/a/start")
    [request] = api.requests
    assert request.body == ""
    assert "content-type" not in request.headers


def test_the_key_is_sent_as_bearer_token_even_where_netrc_knows_the_host(
    api: ScriptedApi, client: PaperspaceClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    api.script(OK)
    client.get("/machines/a")
    assert api.requests[0].headers["authorization"] == f"Bearer {API_KEY}"


def test_no_proxy_stands_between_here_and_loopback(
    api: ScriptedApi, client: PaperspaceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    api.script(OK)
    assert client.get("/machines/a") == {"id": "x"}


@pytest.mark.parametrize(
    "failure", [*PASSING, RATE_LIMIT, error(401, "UNAUTHORIZED"), error(400, "BAD_REQUEST")]
)
def test_the_key_is_in_no_error_and_in_nothing_that_hangs_on_it(
    failure: Answer, api: ScriptedApi, client: PaperspaceClient
) -> None:
    api.script(failure)
    with pytest.raises(PaperspaceError) as caught:
        client.post("/machines", {"name": "x"})
    error_found: BaseException | None = caught.value
    assert API_KEY not in "".join(traceback.format_exception(caught.value)) + repr(client)
    while error_found is not None:
        assert not isinstance(error_found, requests.RequestException)
        error_found = error_found.__context__


def test_all_pages_are_read_with_the_cursor_and_the_largest_page(
    api: ScriptedApi, client: PaperspaceClient
) -> None:
    api.script(
        Answer({"items": [1, 2], "hasMore": True, "nextPage": "two"}),
        Answer({"items": [3], "hasMore": False, "nextPage": None}),
    )
    assert list(client.items("/machines", {"name": "a b"})) == [1, 2, 3]
    first, second = (request.path for request in api.requests)
    assert first == "/machines?limit=120&name=a+b"
    assert second.endswith("&after=two")


@pytest.mark.parametrize("end", [{}, {"nextPage": None}, {"nextPage": ""}])
def test_the_last_page_may_end_in_any_way(
    end: dict[str, object], api: ScriptedApi, client: PaperspaceClient
) -> None:
    api.script(Answer({"items": [1], "hasMore": False, **end}))
    assert list(client.items("/machines")) == [1]


def test_a_list_that_never_ends_is_an_error(api: ScriptedApi, client: PaperspaceClient) -> None:
    api.script(Answer({"items": [1], "hasMore": True, "nextPage": "again"}))
    with pytest.raises(UnexpectedAnswer, match="was read already"):
        list(client.items("/machines"))
    assert len(api.requests) == 2


@pytest.mark.parametrize("body", [None, [], {"hasMore": False}, {"items": [1], "hasMore": True}])
def test_a_list_that_is_none_is_no_empty_list(
    body: object, api: ScriptedApi, client: PaperspaceClient
) -> None:
    api.script(Answer(body))
    with pytest.raises(UnexpectedAnswer):
        list(client.items("/machines"))


@pytest.mark.parametrize(
    "url",
    ["ftp://api.paperspace.com", "api.paperspace.com/v1", "http://api.paperspace.com/v1", "https://u:p@h/v1"],
)
def test_an_address_that_a_key_may_not_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(InvalidEndpoint, match="PAPERSPACE_API_URL"):
        PaperspaceClient(API_KEY, url)


def test_values_in_paths_cannot_leave_their_segment() -> None:
    assert segment("../machines?x") == "..%2Fmachines%3Fx"


def test_a_repetition_is_told_with_its_reason(
    api: ScriptedApi, client: PaperspaceClient, caplog: pytest.LogCaptureFixture
) -> None:
    api.script(error(503, "UNAVAILABLE", "come back later"), OK)
    client.get("/machines/a")
    [line] = caplog.messages
    assert line.startswith("GET /machines/a: come back later (503 UNAVAILABLE); trying again in")
