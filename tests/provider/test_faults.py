"""The fault matrix: each call of each life-cycle operation meets each fault once.

Whether the operation then succeeds or raises, the machines, addresses and scripts in the sandbox are those
that Pulumi's state says; and the next run, without a fault, finishes the work.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from provider import adoption
from provider.answers import Answer as HttpAnswer
from provider.client import Json, PaperspaceClient
from provider.errors import PaperspaceError
from tests.provider.life import Life

READ, GET_EVENT, PUT = "GET /machines/{id}", "GET /machine-events/{id}", "PUT /machines/{id}"
CREATE = (
    "GET /os-templates",
    "GET /machines",
    "GET /startup-scripts",
    "POST /startup-scripts",
    "GET /machine-availability",
    "POST /machines",
    GET_EVENT,
    READ,
)
UPDATE = (
    "PUT /startup-scripts/{id}",
    READ,
    "PATCH /machines/{id}/stop",
    GET_EVENT,
    PUT,
    "PATCH /machines/{id}/start",
)
REFRESH = (READ, "GET /startup-scripts/{id}")
DELETE = (
    "GET /public-ips",
    "DELETE /public-ips/{ip}",
    "DELETE /machines/{id}",
    READ,
    "GET /machines",
    "DELETE /startup-scripts/{id}",
)
TAKE_OVER = ("DELETE /public-ips/{ip}", "PUT /public-ips/{ip}")
FAULTS: dict[str, dict[str, Any]] = {
    "429 with Retry-After": {"kind": "status", "status": 429, "retry_after": 1},
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502},
    "503": {"kind": "status", "status": 503},
    "HTML 403": {"kind": "html"},
    "dropped before its effect": {"kind": "drop-before"},
    "dropped after its effect": {"kind": "drop-after"},
    "slow": {"kind": "slow", "seconds": 0.3},
    "truncated": {"kind": "truncate"},
    "unknown field": {"kind": "unknown-field"},
    "unknown state": {"kind": "unknown-state"},
    "string for integer": {"kind": "string-for-integer"},
}
CHANGE: dict[str, Any] = {"name": "fastai-eve", "disk_size": 100, "startup_script": "#!/bin/sh\nfalse\n"}


def matrix(operations: tuple[str, ...]) -> pytest.MarkDecorator:
    cases = [pytest.param(call, FAULTS[name], id=f"{call}: {name}") for call in operations for name in FAULTS]
    return pytest.mark.parametrize(("call", "fault"), cases)


class HastyClient(PaperspaceClient):
    """Does not wait for the answer to the first request of one operation, as where the API is slow."""

    def __init__(self, life: Life, operation: str) -> None:
        super().__init__(life.sandbox.api_key, life.sandbox.url)
        self._hasty_for: str | None = re.sub(r"{\w+}", "[^/]+", operation)

    def _exchange(self, method: str, path: str, query: Json | None, body: Json | None) -> HttpAnswer:
        if self._hasty_for is None or not re.fullmatch(self._hasty_for, f"{method} {path}"):
            return super()._exchange(method, path, query, body)
        self._hasty_for, patience, self._timeout = None, self._timeout, (2, 0.1)
        try:
            return super()._exchange(method, path, query, body)
        finally:
            self._timeout = patience


@pytest.fixture
def faulty(life: Life, call: str, fault: dict[str, Any]) -> Iterator[Life]:
    """The life; at its end every planned fault was met: a fault that never happened tests nothing."""
    patient = life.client
    life.client = HastyClient(life, call) if fault["kind"] == "slow" else patient
    yield life
    assert life.faults_left() == 0
    if life.client is not patient:
        life.client.close()


@matrix(CREATE)
def test_create(call: str, fault: dict[str, Any], faulty: Life) -> None:
    faulty.fault(call, **fault)
    try:
        faulty.create()
    except PaperspaceError:
        faulty.assert_world_is_as_state_says()
        adoption.forget_all()
        faulty.create()
    faulty.assert_world_is_as_state_says()


@matrix(UPDATE)
def test_update(call: str, fault: dict[str, Any], faulty: Life) -> None:
    faulty.create()
    faulty.fault(call, **fault)
    try:
        faulty.update(**CHANGE)
    except PaperspaceError:
        faulty.assert_world_holds_only_what_state_says()
        faulty.update(**CHANGE)
    faulty.assert_world_is_as_state_says()
    assert faulty.machine()["diskSize"] == 100


@matrix(REFRESH)
def test_refresh(call: str, fault: dict[str, Any], faulty: Life) -> None:
    faulty.create()
    faulty.fault(call, **fault)
    with contextlib.suppress(PaperspaceError):
        assert faulty.refresh() is not None
    assert faulty.refresh() is not None
    faulty.assert_world_is_as_state_says()


@matrix(TAKE_OVER)
def test_an_address_is_taken_over(call: str, fault: dict[str, Any], faulty: Life) -> None:
    ip = faulty.replace_and_keep_address()
    faulty.fault(call, **fault)
    with contextlib.suppress(PaperspaceError):
        faulty.take_over(ip)
    assert faulty.take_over(ip) == ip
    assert faulty.addresses == {ip: faulty.id}


@matrix(DELETE)
def test_delete(call: str, fault: dict[str, Any], faulty: Life) -> None:
    faulty.create()
    faulty.fault(call, **fault)
    try:
        faulty.delete()
    except PaperspaceError:
        faulty.delete()
    faulty.assert_world_is_as_state_says()
