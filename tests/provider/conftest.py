"""No test of the provider waits for stamina, and each is a new process to the guard of adopted machines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from provider import adoption
from provider.client import PaperspaceClient
from provider.retrying import ATTEMPTS
from tests.provider.fake_time import FakeTime
from tests.provider.scripted_api import ScriptedApi

API_KEY = "key-that-must-never-be-shown"


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@pytest.fixture(autouse=True)
def new_process() -> None:
    adoption.forget_all()


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with ScriptedApi() as server:
        yield server


@pytest.fixture
def client(api: ScriptedApi) -> Iterator[PaperspaceClient]:
    with PaperspaceClient(API_KEY, api.url, timeout=(1, 5)) as made:
        yield made
