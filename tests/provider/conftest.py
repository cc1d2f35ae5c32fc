"""No test of the provider waits for stamina, and each is a new process to the guard of adopted machines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from provider import adoption, kept_addresses
from provider.client import PaperspaceClient
from provider.retrying import ATTEMPTS
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.provider.fake_time import FakeTime
from tests.provider.life import Life, empty
from tests.provider.scripted_api import ScriptedApi

IN_ONE_READ = SandboxSettings(clock="reads", reads=1)
API_KEY = "key-that-must-never-be-shown"


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@pytest.fixture(autouse=True)
def new_process() -> None:
    adoption.forget_all()
    kept_addresses.forget_all()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all: starting one takes longer than most tests. A transition takes one read."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), IN_ONE_READ) as world:
        yield world


@pytest.fixture
def life(sandbox: Sandbox) -> Iterator[Life]:
    """A life in an empty sandbox that is as the documentation says."""
    with PaperspaceClient(sandbox.api_key, sandbox.url, timeout=(2, 10)) as client:
        yield Life(client, sandbox)
        empty(sandbox, client)


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
