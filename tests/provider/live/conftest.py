"""A real account: off by default, refuses any team but the one that is named, and sweeps before and after.

    PAPERSPACE_API_KEY=… PAPERSPACE_LIVE_TEAM=tq… [PAPERSPACE_LIVE_CAP=1.00] \\
        .venv/bin/pytest -o addopts= -m live tests/provider/live -v
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from provider import account
from provider.client import PaperspaceClient
from provider.credentials import client_from_environment
from tests.provider.live.guard import DEFAULT_CAP, refuse_other_team, refuse_over_cap
from tests.provider.live.sweep import sweep


@pytest.fixture(autouse=True)
def no_pauses() -> None:
    """The pauses between repetitions are real here: a real service asked for them."""


@pytest.fixture(scope="session")
def real_account() -> Iterator[PaperspaceClient]:
    """The account's client; whatever a test left behind is gone at the end."""
    team, cap = os.environ.get("PAPERSPACE_LIVE_TEAM"), os.environ.get("PAPERSPACE_LIVE_CAP", DEFAULT_CAP)
    if not team:
        pytest.skip("PAPERSPACE_LIVE_TEAM is not set: it names the team whose money may be spent")
    refuse_over_cap(cap)
    with client_from_environment() as client:
        refuse_other_team(account.signed_in(client).team_id, team)
        sweep(client)
        yield client
        left = sweep(client)
    assert left == [], "the tests left something behind, which is deleted now"
